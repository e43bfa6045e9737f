package rule_test

import (
	"testing"

	"tebiki/adapters/source/mail/rule"
)

func TestStandard(t *testing.T) {
	if _, err := rule.Standard(); err != nil {
		t.Fatal(err)
	}
}
