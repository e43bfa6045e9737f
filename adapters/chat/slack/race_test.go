//go:build race

package slack_test

import "flag"

// The race detector makes JSON ten times slower and finds no more in the
// hundredth message than in the thirtieth. The command line still decides.
func init() {
	raced = true
	_ = flag.Set("rapid.checks", "30") // rapid, which the tests import, has defined it
}
