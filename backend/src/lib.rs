//! Reference backend: issues codes, mails, tracking page, dispatcher board, judge.
