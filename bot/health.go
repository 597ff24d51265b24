package bot

import "time"

// A State says how a front end's way to its people is. Front ends have further
// states, in their platform's words.
type State string

// The states that every front end has.
const (
	Starting     State = "starting"
	Connected    State = "connected" // people can ask
	Reconnecting State = "reconnecting"
	Down         State = "down" // it cannot be reached, and does not mend by itself
	Stopped      State = "stopped"
)

// Health tells how a front end is.
type Health struct {
	State      State
	Detail     string    // in words, "" if there is nothing to say
	Since      time.Time // when it came into this state
	LastEvent  time.Time // when something came from the platform, or from somebody; zero if nothing did
	LastAnswer time.Time // when an answer was told; zero if none was
	Reconnects int       // how often a connection was opened anew
}
