package redminetest

import "syscall"

// diesWithUs has the kernel kill a process when the thread that started it
// ends.
func diesWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
