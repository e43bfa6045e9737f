package mirror

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain wants everything that was started to have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
