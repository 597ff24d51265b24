package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"summitbot/bot/admin"
	"summitbot/bot/terminal"
	"summitbot/config"
)

const (
	// healthTime is how long the program that serves has to answer: it does in
	// milliseconds, and the image's check is killed after five seconds, without a word.
	healthTime = 4 * time.Second
	// healthMost bounds what is read of its answer.
	healthMost = 1 << 20
)

func newHealth(p *program) *cobra.Command {
	var address string
	var live bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: `Ask a running "serve" whether it can be asked`,
		Long: `Asks the program that serves with the same configuration, on this machine, whether
people can ask it: at admin.listen, which knows of every front end and of the
documents, else at web.listen, which knows whether pages are served. The exit code
is 0 if people can ask and 1 if not, so that it fits a container's health check. It
needs neither a shell nor another program.`,
		Example: `  summitbot health
  summitbot health --live
  summitbot health --url http://10.0.0.7:9090/readyz`,
		GroupID: groupRun,
		Args:    arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			at := address
			if at == "" {
				settings, err := p.settings()
				if err != nil {
					return err
				}
				if at = healthAddress(settings, live); at == "" {
					return usage("nothing listens that could be asked: set admin.listen in the configuration, or give --url")
				}
			}
			told, err := askHealth(ctx, at)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.stdout, terminal.Neutralise(told))
			return err
		}),
	}
	cmd.Flags().StringVar(&address, "url", "", "ask at this `address` instead of where the configuration says")
	cmd.Flags().BoolVar(&live, "live", false, "ask only whether the program lives, not whether people can ask")
	return cmd
}

// healthAddress returns where to ask, "" if nothing listens.
func healthAddress(settings config.Config, live bool) string {
	switch {
	case settings.Admin.Listen != "" && live:
		return local(settings.Admin.Listen) + admin.Healthz
	case settings.Admin.Listen != "":
		return local(settings.Admin.Listen) + admin.Readyz
	case settings.Web.On():
		return local(settings.Web.Listen) + "/"
	}
	return ""
}

// local returns the URL at which this machine reaches what listens on an address.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port)
}

// askHealth asks and returns what was told, in a line. The error says why people
// cannot ask.
func askHealth(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", usage("%q is no address of HTTP", address)
	}
	ctx, stop := context.WithTimeout(ctx, healthTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	// No proxy: it is this machine that is asked. And a redirect is an answer.
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("not there: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read as far as it matters
	body, err := io.ReadAll(io.LimitReader(resp.Body, healthMost))
	if err != nil {
		return "", err
	}
	told := healthTold(resp, body)
	// Pages that want a token say so, which somebody has to be there for.
	if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusNotFound {
		return "", errors.New(told)
	}
	return told, nil
}

// healthTold puts an answer into a line.
func healthTold(resp *http.Response, body []byte) string {
	var ready admin.Readiness
	if json.Unmarshal(body, &ready) != nil || ready.Status == "" {
		return "answered with status " + resp.Status
	}
	if len(ready.Reasons) == 0 {
		return string(ready.Status)
	}
	return string(ready.Status) + ": " + strings.Join(ready.Reasons, "; ")
}
