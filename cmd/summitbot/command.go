package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// interruptible makes what a command does end at Ctrl-C; a second one kills.
func interruptible(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, stop := untilInterrupt(cmd.Context())
		defer stop()
		return do(ctx, args)
	}
}

func untilInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	return untilSignal(ctx, os.Interrupt)
}

func jsonFlag(cmd *cobra.Command, into *bool, help string) {
	cmd.Flags().BoolVar(into, "json", false, help)
}

func collectionFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringSliceVar(into, "collection", nil, "search only this `collection`; may be repeated")
}

// printJSON writes v to standard output, indented. It is for people and
// programs alike: letters stay letters.
func (p *program) printJSON(v any) error {
	enc := json.NewEncoder(p.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
