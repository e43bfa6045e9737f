// Package jiratest is a Jira for tests, Data Center 10.3 or Cloud: the part of
// REST API version 2 that an adapter uses, webhooks, and the people at the
// other end.
//
// It behaves as the vendor does. It keeps state (issues, comments, links,
// history), so a test says what people do and asks what they see; it does not
// expect calls. Creating the same thing twice gives two issues. The search
// index lags when it is told to, JQL has the resolution of a minute in the
// zone of the asking user, and what Jira refuses is refused, in its words as
// far as they are known. JQL that it cannot evaluate is refused too.
//
// The data's way: a request is recorded, meets the faults that a test has
// switched on, then the credentials, then its endpoint reads or changes the
// state under one lock. A change is the difference of an issue before and
// after: it becomes the history, a document for the search index, and an
// event that goes out as a webhook before the request is answered.
//
// A key of a moved issue stays an alias. Pages of a search are offsets on both
// kinds, so they shift when an issue changes between two of them.
package jiratest
