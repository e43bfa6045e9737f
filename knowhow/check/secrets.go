package check

import (
	"regexp"
	"strings"
)

// named is what secrets are called, and a word of any shell or file its value.
const (
	named = `(?:passw(?:or)?d|passwd|passphrase|passcode|secret|token|credentials?|` +
		`(?:api|access|private|secret|encryption|signing|account)[_-]?key|_pass|dbpass|パスワード|暗証番号)`
	value = `("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\S+)`
)

// secrets are recognised whatever the configuration says. A group is the part
// that is masked; the rest tells people what stood there.
var secrets = []pattern{
	// A key that is cut off is masked to where the text ends.
	{whole: true, hints: words("private key"), re: regexp.MustCompile(
		`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`)},
	{hints: names, re: regexp.MustCompile(`(?i)` + named + `[\w-]{0,20}["'\]]*[ \t]*(?:=>|:=|[:=:])[ \t]*` + value)},
	{hints: names, re: regexp.MustCompile(`(?i)(?:^|\s)--?[\w-]*` + named + `[ \t]+` + value)},
	{hints: names, re: regexp.MustCompile(`(?i)<[\w:.-]*` + named + `[^<>\n]{0,80}>([^<\n]+)<`)},
	{hints: words("authorization"), re: regexp.MustCompile(`(?i)\b(?:proxy-)?authorization["']?[ \t]*[:=][ \t]*([^\n]+)`)},
	{hints: words("cookie"), re: regexp.MustCompile(`(?i)\b(?:set-)?cookie["']?[ \t]*:[ \t]*([^\n]+)`)},
	{hints: words("bearer, basic"), re: regexp.MustCompile(`(?i)\b(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/-]{8,}=*)`)},
	{hints: words("://"), re: regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*:([^\s/?#]+)@`)},
	{hints: words("akia, asia"), re: regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{hints: words("xox, xapp-"), re: regexp.MustCompile(`\bxox[a-z]-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}`)},
	{hints: words("hooks.slack.com"), re: regexp.MustCompile(`hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]+)`)},
	{hints: words("eyj"), re: regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*`)},
	{hints: words("ghp_, gho_, ghu_, ghs_, ghr_, github_pat_, glpat-"), re: regexp.MustCompile(
		`\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{20,}`)},
	{hints: words("aiza, k_live_"), re: regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}|\b[sr]k_live_[A-Za-z0-9]{16,}`)},
	// Hashes of /etc/shadow.
	{hints: words("$1$, $2, $5$, $6$, $7$, $y$, $gy$, $argon2"), re: regexp.MustCompile(`\$(?:1|2[abxy]|5|6|7|y|gy|argon2\w*)\$[^\s:]{8,}`)},
	{hints: words("mysql"), re: regexp.MustCompile(`\bmysql\w*\b[^\n]*?\s-p(\S+)`)},
	{hints: words("sshpass"), re: regexp.MustCompile(`\bsshpass\b[^\n]*?\s-p ?(\S+)`)},
	{hints: words("curl"), re: regexp.MustCompile(`\bcurl\b[^\n]*?\s(?:-u|--user)[ =]?[^\s:]*:(\S+)`)},
}

// names are the hints of what named matches.
var names = words("passw, passphrase, passcode, secret, token, credential, _key, -key, apikey, accesskey, privatekey, " +
	"encryptionkey, signingkey, accountkey, _pass, dbpass, パスワード, 暗証番号")

// words reads a list with commas between.
func words(list string) []string { return strings.Split(list, ", ") }

var (
	secretOption  = regexp.MustCompile(`(?i)^--?[\w-]*` + named + `$`)
	secretSetting = regexp.MustCompile(`(?i)^[^=\s]*` + named + `[\w-]{0,20}=`)
)
