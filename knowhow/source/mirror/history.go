package mirror

import (
	"context"
	"path"

	"github.com/go-git/go-git/v5/plumbing"
)

// changes are the commits that touched each file of a folder last, as of one
// commit. They are kept for the next commit, and on disk for the next start.
type changes struct {
	Version int               `json:"version"`
	At      string            `json:"at"`
	Folder  string            `json:"folder"`
	Last    map[string]string `json:"last"` // commit by the file's name
}

const changesVersion = 1

// LastChanges gives, for each file directly in a folder of a commit, the
// newest commit that touched it, as "git log -1 -- FILE" does: of a merge it
// follows the first parent that has the file as the merge has it, and what
// differs from all of them the merge itself has changed. Names are relative
// to the folder.
//
// All files are followed in one walk, which ends where it meets the commit of
// the call before, whose answers are remembered. With 10,000 documents and
// 5,000 commits, on two busy cores, the first call takes 4.2 s; it takes 0.09 s
// after one more commit and 0.14 s after a restart. For one document alone
// "git log" takes 0.87 s there. See BenchmarkLastChanges.
func (v *View) LastChanges(ctx context.Context, hash, folder string) (map[string]Commit, error) {
	m := v.mirror
	folder = path.Join(parts(folder)...)
	m.recallChanges(folder)
	if m.changes.At != hash {
		last, err := v.walk(ctx, plumbing.NewHash(hash), folder)
		if err != nil {
			return nil, err
		}
		m.changes = changes{changesVersion, hash, folder, last}
		if err := writeJSON(m.path(changesFile), &m.changes); err != nil {
			m.options.Log.Warn("after a restart the documents' last changes must be looked for anew, for they could not be noted", "fault", err)
		}
	}
	return v.described(m.changes.Last)
}

// recallChanges reads what another process noted. Without it all is walked.
func (m *Mirror) recallChanges(folder string) {
	if m.changes.Version == 0 {
		_ = readJSON(m.path(changesFile), &m.changes)
	}
	if m.changes.Version != changesVersion || m.changes.Folder != folder {
		m.changes = changes{Version: changesVersion, Folder: folder}
	}
}

// described reads each commit once.
func (v *View) described(last map[string]string) (map[string]Commit, error) {
	seen := make(map[string]Commit)
	out := make(map[string]Commit, len(last))
	for name, hash := range last {
		c, ok := seen[hash]
		if !ok {
			var err error
			if c, err = v.Commit(hash); err != nil {
				return nil, err
			}
			seen[hash] = c
		}
		out[name] = c
	}
	return out, nil
}
