package ssh

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// longestCommand keeps below what Linux lets one argument of a program be,
// which the command is to the remote shell.
const longestCommand = 96 << 10

// Quote writes a command for the remote shell: each argument reaches the
// program byte for byte, whatever it holds, and the program itself is looked
// up in PATH, not taken for a shell's own word such as eval (only zsh does so
// all the same).
//
// Every argument stands in single quotes. Within them a POSIX shell knows no
// special character, but those of others do: \ is one to fish, and ! to csh.
// Both, and ' itself, stand outside, behind a backslash, so that those shells
// read the same. That exec comes first makes signals reach the program.
func Quote(argv []string) (string, error) {
	if len(argv) == 0 {
		return "", errors.New("there is no command to quote")
	}
	var b strings.Builder
	b.WriteString("exec")
	for i, arg := range argv {
		if err := quotable(i, arg); err != nil {
			return "", err
		}
		b.WriteByte(' ')
		quote(&b, arg)
	}
	if b.Len() > longestCommand {
		return "", fmt.Errorf("the command is %d bytes long, more than a shell takes; shorten it to %d", b.Len(), longestCommand)
	}
	return b.String(), nil
}

func quotable(i int, arg string) error {
	switch {
	case strings.ContainsRune(arg, 0):
		return fmt.Errorf("argument %d of the command holds a NUL, which no program can be given; remove it", i)
	case !utf8.ValidString(arg):
		return fmt.Errorf("argument %d of the command is not UTF-8 text; correct it", i)
	case i == 0 && (arg == "" || strings.HasPrefix(arg, "-")):
		return fmt.Errorf("the program is %q, which is none; correct it", arg)
	case i == 0 && strings.Contains(arg, "/") && !strings.HasPrefix(arg, "/"):
		return fmt.Errorf("the program is %q; name it alone or by its path from /", arg)
	}
	return nil
}

func quote(b *strings.Builder, arg string) {
	if arg == "" {
		b.WriteString("''")
	}
	for arg != "" {
		i := strings.IndexAny(arg, `'\!`)
		if i == 0 {
			b.WriteByte('\\')
			b.WriteByte(arg[0])
			arg = arg[1:]
			continue
		}
		if i < 0 {
			i = len(arg)
		}
		b.WriteString("'" + arg[:i] + "'")
		arg = arg[i:]
	}
}
