// Package recording keeps what callers have said, as WAV files in a folder.
//
// They are files and not in the store: two minutes are two megabytes, which
// the store would copy with every commit around them, and whoever cares for
// the machine can listen to and delete them with the tools they know. A file
// gets its name only once it is whole and on the disk, so what is there after
// a crash can be played.
//
// The names begin with the time, so they are in the order of the calls; the
// rest of a name cannot be guessed. So many are kept, and each for so long:
// a voice is a person's, and strangers can call as often as they like.
package recording

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
)

// Limits say what is kept.
type Limits struct {
	Number int
	Age    time.Duration
}

// A Folder holds recordings.
type Folder struct {
	dir    string
	limits Limits
	log    *slog.Logger
}

const (
	suffix = ".wav"
	part   = ".part" // the name of what is not whole ends so

	// maxSize is several times what a call can leave: a reader that does not
	// end must not fill the disk.
	maxSize = 8 << 20

	layout = "20060102-150405"
)

var validID = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}-[0-9a-f]{32}$`)

// Open makes the folder when it is not there, and takes out what a crash has
// left in it.
func Open(dir string, l Limits, log *slog.Logger) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for recordings: %w: create it, or let this user write beside it", err)
	}
	f := &Folder{dir: dir, limits: l, log: log}
	left, err := filepath.Glob(filepath.Join(dir, "*"+part))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return nil, fmt.Errorf("clean up the folder for recordings: %w", err)
	}
	return f, nil
}

// Keep stores a recording and gives its id once it is on the disk.
func (f *Folder) Keep(ctx context.Context, wav io.Reader, now time.Time) (id string, err error) {
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("name a recording: %w", err)
	}
	id = now.UTC().Format(layout) + "-" + hex.EncodeToString(random[:])
	if err := f.write(ctx, id, wav); err != nil {
		return "", fmt.Errorf("keep a recording in %s: %w", f.dir, err)
	}
	f.prune(now)
	return id, nil
}

func (f *Folder) write(ctx context.Context, id string, wav io.Reader) (err error) {
	whole := filepath.Join(f.dir, id+suffix)
	file, err := os.OpenFile(whole+part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(whole+part))
		}
	}()
	if err := errors.Join(fill(ctx, file, wav), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(whole+part, whole); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// errNotWAV keeps pages of errors from being taken for somebody's voice.
var errNotWAV = errors.New("what came is no WAV")

func fill(ctx context.Context, to io.Writer, wav io.Reader) error {
	var head [12]byte
	if _, err := io.ReadFull(wav, head[:]); err != nil {
		return fmt.Errorf("read its head: %w", err)
	}
	if !bytes.HasPrefix(head[:], []byte("RIFF")) || !bytes.HasSuffix(head[:], []byte("WAVE")) {
		return errNotWAV
	}
	whole := io.MultiReader(bytes.NewReader(head[:]), wav)
	n, err := io.Copy(to, io.LimitReader(until{ctx, whole}, maxSize+1))
	if err == nil && n > maxSize {
		err = fmt.Errorf("it is larger than %d bytes", maxSize)
	}
	return err
}

// until reads as long as its context lasts.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// syncFolder makes a new name survive a crash.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Recording opens one to be heard.
func (f *Folder) Recording(_ context.Context, id string) (io.ReadSeekCloser, time.Time, error) {
	if !validID.MatchString(id) {
		return nil, time.Time{}, missing(id, errors.New("no recording is called so"))
	}
	file, err := os.Open(filepath.Join(f.dir, id+suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, missing(id, errors.New("it is not there, or was deleted when its time had passed"))
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("open the recording %s: %w", id, err)
	}
	at, _ := time.Parse(layout, id[:len(layout)]) // a valid id may name no real day; then it has no time
	return file, at, nil
}

func missing(id string, err error) error {
	return &adapters.Error{Op: fmt.Sprintf("open the recording %.60q", id), Code: adapters.NotFound, Err: err}
}

const pruneEvery = time.Hour

// Run deletes what is too old until ctx ends.
func (f *Folder) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		f.prune(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// prune deletes what is too old or too many. What cannot be deleted now is
// tried again.
func (f *Folder) prune(now time.Time) {
	ids, err := f.ids()
	oldest := now.Add(-f.limits.Age).UTC().Format(layout)
	for i, id := range ids {
		if len(ids)-i > f.limits.Number || id < oldest {
			err = errors.Join(err, os.Remove(filepath.Join(f.dir, id+suffix)))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // another call was faster
		f.log.Warn("recordings could not be deleted: look at the folder's permissions and disk", "dir", f.dir, "err", err)
	}
}

// ids lists what is there, oldest first.
func (f *Folder) ids() (ids []string, err error) {
	files, err := os.ReadDir(f.dir)
	for _, e := range files {
		if id, ours := strings.CutSuffix(e.Name(), suffix); ours && validID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, err
}
