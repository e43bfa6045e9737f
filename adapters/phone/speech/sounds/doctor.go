package sounds

import (
	"fmt"
	"os"

	"tebiki/adapters"
)

// Findings tries to write a sound, and looks whether Asterisk's user can get
// at it.
func (f Folder) Findings() (out []adapters.Finding) {
	about := "the sounds folder " + f.dir
	const name = Ours + "/try"
	if err := f.Write(name, []byte("RIFF")); err != nil {
		return append(out, adapters.Finding{About: about, Fault: err.Error(),
			Do: fmt.Sprintf("as root: install -d -m 0755 -o USER %s, where USER runs tebiki", f.Dir())})
	}
	if err := os.Remove(f.Path(name)); err != nil {
		out = append(out, adapters.Finding{About: about, Fault: err.Error(), Do: "let tebiki's user remove files there"})
	}
	// The folders above are Asterisk's own, or its group's.
	if info, err := os.Stat(f.Dir()); err == nil && info.Mode().Perm()&0o005 != 0o005 {
		out = append(out, adapters.Finding{About: about, Fault: fmt.Sprintf("%s is not open to all users (mode %#o)", f.Dir(), info.Mode().Perm()),
			Do: fmt.Sprintf("see that Asterisk's user can read it: chmod o+rx %s", f.Dir())})
	}
	return out
}
