// Package redmine keeps tickets in a project of a Redmine: the small REST API,
// spoken here without a library. What the real program does, and does without
// a word, is written down in package redminetest, which runs it for tests.
//
//	Draft ─► label known? ─► intent stored ─► request: category, ids, text in Textile or Markdown ─► POST ─► key stored ─► Ticket
//	                                                │ refused: without the part that is refused, which Omitted tells
//	cursor ─► the list by updated_on ─► new? ─► histories of what changed ─► Batch: tickets, people's notes, what is gone; cursor
//
// What a tracker has and Redmine lacks is kept like this:
//
//   - A label is a line at the end of the description, with the mark of this
//     data folder, or a custom field where one is configured. It counts on
//     issues that the key's user has made. Who deletes the line takes the
//     ticket out of Tebiki's hands.
//   - Fields without a custom field are lines at the beginning of the
//     description; links are a list at its end.
//   - A component is a category, a person the number of a user, a status what
//     is_closed and the configuration say. All that is not closed and not
//     named for Fixed is Open.
//   - Whoever has the key is the reporter, and the author of comments.
//
// # Seeing changes
//
// Redmine's list is asked for what was updated since the cursor, in order, and
// the last minute is always asked for again, because a change may be committed
// later than its stamp says: what was read of it is in the cursor. Stamps are
// whole seconds, so what changed a moment ago is looked at when its second is
// over; the poll waits that long, at most some seconds. Pages go on from the
// stamp that the last one ended with, and within a second from the number, not
// from an offset, which would skip what moves up while it is read.
//
// Notes are in an issue's history, which only the issue itself shows: one more
// request for each issue that changed after it was made. How far a history has
// been read is stored, so that each note is given once. A note from the very
// second in which its issue was made is given with the next change.
// Private notes are left alone. Nothing tells of an issue that was deleted or
// moved to another project: every few minutes the open ones that were seen are
// counted, hundreds with one request, and where some are missing it is asked
// which. Tickets from before the first start that nobody touched are not
// among them, nor are closed ones.
//
// # Requests
//
// A test counts them:
//
//	the first use                                  4
//	a ticket or a sub-ticket made                  1
//	... that a category gave to somebody           3
//	... whose label is known                       1
//	... whose answer was lost                      2
//	... with custom fields, the first              2
//	... of which Redmine refuses the assignee      2
//	a comment                                      1
//	a change                                       3
//	a change that holds already                    1
//	a ticket, its sub-tickets, a list, a history   4
//	the first poll                                 3
//	a poll, nothing changed                        1
//	a poll, 7 tickets are new                      1
//	a poll, 7 tickets changed                      8
//	looking for what is gone                       2
//
// Once an hour the project is read again as at the first use. A list of more
// than 100 takes a request for each further 100. A poll that finds something
// which changed a moment ago waits, and asks once more. No request is
// conditional: Redmine answers 304, but only after all of its work.
//
// # Stored
//
// A scope is host, path, and project of the address, then a space.
//
//	redmine.ticket  see package once: what a label made; labels begin with their scope
//	redmine.note    see package once: comments, by scope, ticket, space and label
//	redmine.open    scope, number as store.Seq -> nothing: an open ticket that was seen
//	redmine.noted   scope, number as store.Seq -> the last entry of its history that was read
//
// Entries of the last two are written when the cursor behind them comes back,
// because only then their batch is certain; a ticket that was read too early is
// only looked for in vain.
package redmine
