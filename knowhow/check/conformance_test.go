//go:build unix

package check_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh to run")
	}
	sh := func(script string) []string { return []string{"/bin/sh", "-c", script} }
	checktest.Run(t, checktest.Subject{
		Executor: check.Local{},
		Print:    func(text string) []string { return []string{"printf", "%s", text} },
		Lines:    func(n int) []string { return []string{"seq", fmt.Sprint(n)} },
		Exit:     func(status int) []string { return sh(fmt.Sprintf("echo done; exit %d", status)) },
		Status:   []int{0, 1, 2, 126, 255},
		Flood:    []string{"yes"},
		Hang:     sh("echo so far; sleep 300"),
		Break:    sh("echo half; kill -9 $$"),
		Missing:  [][]string{{"no-such-program"}, {"/no/such/program"}},
		Bad:      [][]string{{"./x"}, {"a/b"}, {"echo", "a\x00b"}},
	})
}
