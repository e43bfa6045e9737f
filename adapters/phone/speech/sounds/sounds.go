// Package sounds is the folder that Asterisk reads sounds from. All that is
// ours lies in its subfolder tebiki.
//
// Asterisk runs as another user and plays a file the moment it is asked to:
// so a file appears whole or not at all, survives a power cut once it was
// handed out, and can be read by everybody.
package sounds

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tebiki/adapters"
)

// Ours is the subfolder, and how the names of all our sounds begin.
const Ours = "tebiki"

const (
	ending   = ".wav"
	unready  = ".new-" // how the name of a file begins that is being written
	filePerm = 0o644
	dirPerm  = 0o755
)

// A Folder is what Asterisk reads sounds from.
type Folder struct{ dir string }

// Open gives the folder, and makes the subfolder. The folder itself must be
// there: it is Asterisk's, and one that was made here because of a wrong path
// would be written and never read.
func Open(dir string) (Folder, error) {
	f := Folder{dir: dir}
	op := fmt.Sprintf("open the sounds folder %q", dir)
	if !filepath.IsAbs(dir) {
		return f, &adapters.Error{Op: op, Code: adapters.Refused, Err: errors.New("name it by its path from /")}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return f, failure(op, err)
	}
	if !info.IsDir() {
		return f, &adapters.Error{Op: op, Code: adapters.Refused, Err: errors.New("it is no folder; name the one that Asterisk reads sounds from, such as /usr/share/asterisk/sounds")}
	}
	return f, f.makeDir(f.Dir())
}

// Dir is our subfolder's path.
func (f Folder) Dir() string { return filepath.Join(f.dir, Ours) }

// Path is where the sound of a name lies: "tebiki/fixed/en/hello".
func (f Folder) Path(name string) string {
	return filepath.Join(f.dir, filepath.FromSlash(name)+ending)
}

// Media is how Asterisk is told to play the sound of a name.
func Media(name string) string { return "sound:" + name }

// Write makes a sound, or puts it in the place of the one with its name.
func (f Folder) Write(name string, wav []byte) error {
	if err := f.write(f.Path(name), wav); err != nil {
		return failure(fmt.Sprintf("write the sound %s in %s", name, f.dir), err)
	}
	return nil
}

// Keep writes a sound unless it is there just so.
func (f Folder) Keep(name string, wav []byte) error {
	if old, err := os.ReadFile(f.Path(name)); err == nil && bytes.Equal(old, wav) {
		return nil
	}
	return f.Write(name, wav)
}

func (f Folder) write(path string, wav []byte) (err error) {
	if err := f.makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.Dir(), unready+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := tmp.Write(wav); err != nil {
		return err
	}
	if err := tmp.Chmod(filePerm); err != nil {
		return err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// makeDir makes a folder that Asterisk can look into, whatever the umask of
// this process is. One that is there is left as its administrator wants it.
func (f Folder) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if dir != f.Dir() {
		if err := f.makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, dirPerm); err != nil && !errors.Is(err, fs.ErrExist) {
		return failure(fmt.Sprintf("make the folder %s", dir), err)
	}
	return os.Chmod(dir, dirPerm)
}

// syncDir makes a new name outlast a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// IsUnready tells a file that was being written from a sound.
func IsUnready(file string) bool { return strings.HasPrefix(filepath.Base(file), unready) }

// failure says what can be done about an error of the file system.
func failure(op string, err error) error {
	var e *adapters.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, fs.ErrPermission):
		return &adapters.Error{Op: op, Code: adapters.Denied, Err: fmt.Errorf("%w: let this process's user write there", err)}
	case errors.Is(err, fs.ErrNotExist):
		return &adapters.Error{Op: op, Code: adapters.NotFound, Err: fmt.Errorf("%w: name the folder that Asterisk reads sounds from", err)}
	}
	return &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
}
