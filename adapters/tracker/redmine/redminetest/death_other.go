//go:build !linux

package redminetest

import "syscall"

// diesWithUs has nothing to offer where there is no Debian: tests skip there.
func diesWithUs() *syscall.SysProcAttr { return nil }
