// Package browser drives the pages of summitbot in Chromium, as people do: with a
// mouse, with the keyboard alone, on a phone, in the dark, without JavaScript. It is
// all tests; the program itself is built and started for them.
//
// SUMMITBOT_CHROMIUM names the browser, else it is looked for in the usual places.
// SUMMITBOT_AXE names axe.min.js of axe-core, which looks for what shuts people out.
// Where either is missing the tests that need it are skipped, and say so.
package browser
