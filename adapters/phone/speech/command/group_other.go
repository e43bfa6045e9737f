//go:build !unix

package command

import "os/exec"

// Without process groups only the program itself is ended, which
// exec.CommandContext does.
func ownGroup(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
