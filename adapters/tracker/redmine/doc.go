// Package redmine keeps tickets in a project of a Redmine.
package redmine
