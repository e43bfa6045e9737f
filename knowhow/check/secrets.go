package check

import "regexp"

// named is what secrets are called, and a word of any shell or file its value.
const (
	named = `(?:passw(?:or)?d|passwd|passphrase|passcode|secret|token|credentials?|` +
		`(?:api|access|private|secret|encryption|signing|account)[_-]?key|_pass|dbpass|パスワード|暗証番号)`
	value = `("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\S+)`
)

// secrets are recognised whatever the configuration says. A group is the part
// that is masked; the rest tells people what stood there.
var secrets = []*regexp.Regexp{
	// A key that is cut off is masked to where the text ends.
	regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`),
	regexp.MustCompile(`(?i)` + named + `[\w-]{0,20}["'\]]*[ \t]*(?:=>|:=|[:=:])[ \t]*` + value),
	regexp.MustCompile(`(?i)(?:^|\s)--?[\w-]*` + named + `[ \t]+` + value),
	regexp.MustCompile(`(?i)<[\w:.-]*` + named + `[^<>\n]{0,80}>([^<\n]+)<`),
	regexp.MustCompile(`(?i)\b(?:proxy-)?authorization["']?[ \t]*[:=][ \t]*([^\n]+)`),
	regexp.MustCompile(`(?i)\b(?:set-)?cookie["']?[ \t]*:[ \t]*([^\n]+)`),
	regexp.MustCompile(`(?i)\b(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/-]{8,}=*)`),
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*:([^\s/?#]+)@`),
	regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`),
	regexp.MustCompile(`\bxox[a-z]-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}`),
	regexp.MustCompile(`hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]+)`),
	regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*`),
	regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{20,}`),
	regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}|\b[sr]k_live_[A-Za-z0-9]{16,}`),
	// Hashes of /etc/shadow.
	regexp.MustCompile(`\$(?:1|2[abxy]|5|6|7|y|gy|argon2\w*)\$[^\s:]{8,}`),
	regexp.MustCompile(`\bmysql\w*\b[^\n]*?\s-p(\S+)`),
	regexp.MustCompile(`\bsshpass\b[^\n]*?\s-p ?(\S+)`),
	regexp.MustCompile(`\bcurl\b[^\n]*?\s(?:-u|--user)[ =]?[^\s:]*:(\S+)`),
}

var (
	secretOption  = regexp.MustCompile(`(?i)^--?[\w-]*` + named + `$`)
	secretSetting = regexp.MustCompile(`(?i)^[^=\s]*` + named + `[\w-]{0,20}=`)
)
