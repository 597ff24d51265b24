// Validates what the tests beside it put on the wire; its own module, so that the program's go.mod holds only what it is built from.
module summitbot/bot/answer/wire/spec

go 1.26.0

require (
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	go.yaml.in/yaml/v3 v3.0.6
)

require golang.org/x/text v0.14.0 // indirect
