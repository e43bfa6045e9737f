package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"tebiki/adapters/inventory/file"
	"tebiki/bot/app"
	"tebiki/bot/config"
	"tebiki/knowhow"
)

// How grave a finding is.
const (
	faulty  = "error"
	warning = "warning"
)

// A finding is one thing that tebiki check has to say. Line and Column are 0
// where it is about a file as a whole, or the column is not known.
type finding struct {
	Severity string `json:"severity"`
	File     string `json:"file"` // to be opened from where the command was started
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	What     string `json:"what"`
}

// findings gathers them, in the order in which things are looked at.
type findings struct {
	w     world
	check *checkCmd
	all   []finding
}

func countFaults(all []finding) (faults, warnings int) {
	for _, x := range all {
		if x.Severity == faulty {
			faults++
		}
	}
	return faults, len(all) - faults
}

func (f *findings) warn(dir string, found knowhow.Faults) {
	for _, x := range found {
		f.add(warning, dir, x)
	}
}

// report adds the faults in an error. One that has no places in it, such as
// that of a file which cannot be read, is a fault of the file it is about.
func (f *findings) report(dir, name string, err error) {
	var cf config.Faults
	var kf knowhow.Faults
	var inv file.Faults
	switch {
	case errors.As(err, &cf):
		for _, x := range cf {
			f.add(faulty, dir, knowhow.Fault{File: x.File, Line: x.Line, What: x.What})
		}
	case errors.As(err, &kf):
		for _, x := range kf {
			f.add(faulty, dir, x)
		}
	case errors.As(err, &inv):
		for _, x := range inv {
			f.add(faulty, dir, knowhow.Fault{File: x.File, Line: x.Line, What: x.What})
		}
	default:
		f.add(faulty, dir, knowhow.Fault{File: name, What: err.Error()})
	}
}

// inventory looks at the file that holds the servers, if one does.
func (f *findings) inventory(files fs.FS, dir string, cfg *config.Config) {
	if cfg.Inventory != nil {
		return // tebiki doctor inventory asks it
	}
	files, name := app.InventoryFile(files, cfg.InventoryFile)
	if filepath.IsAbs(cfg.InventoryFile) {
		dir = filepath.Dir(cfg.InventoryFile)
	}
	if _, err := file.Load(files, name); err != nil {
		f.report(dir, name, err)
	}
}

func (f *findings) add(severity, dir string, x knowhow.Fault) {
	name := x.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	f.all = append(f.all, finding{severity, name, x.Line, x.Column, x.What})
}
