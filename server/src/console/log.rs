//! Reads a log as it streams in: counts, filters, keeps the last matching lines. Lines in logfmt (`time=… level=… msg="…"`,
//! as Go's logrus writes them) are taken apart; any other line stays as it is.

use bytes::Bytes;
use model::run::{LogLine, LogPage};
use std::collections::VecDeque;

/// No more of a log is read; the rest is for whoever downloads it.
pub(crate) const READ_MAX: usize = 32 << 20;
/// So many matching lines are kept, the last ones.
pub(crate) const KEEP_LINES: usize = 2_000;
/// A longer line is shown up to here.
const LINE_MAX: usize = 8 << 10;

/// What a person filters a log by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    text: String,
    level: Level,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    #[default]
    All,
    Warning,
    Error,
}

impl Filter {
    /// `level`: `error`, `warning` (and errors), or anything else for all.
    pub(crate) fn new(text: &str, level: &str) -> Self {
        let level = match level {
            "error" => Level::Error,
            "warning" => Level::Warning,
            _ => Level::All,
        };
        Self { text: text.trim().to_lowercase(), level }
    }

    fn lets_through(&self, raw: &str, line: &LogLine) -> bool {
        let level = match line.level.as_str() {
            "error" => Level::Error,
            "warning" => Level::Warning,
            _ => Level::All,
        };
        level >= self.level && (self.text.is_empty() || raw.to_lowercase().contains(&self.text))
    }
}

/// Takes a log in piece by piece.
#[derive(Debug)]
pub(crate) struct Reader {
    filter: Filter,
    page: LogPage,
    kept: VecDeque<LogLine>,
    open: Vec<u8>,
    read: usize,
}

impl Reader {
    /// A reader that has seen nothing.
    pub(crate) fn new(filter: Filter) -> Self {
        Self { filter, page: LogPage::default(), kept: VecDeque::new(), open: Vec::new(), read: 0 }
    }

    /// Takes a piece; false when enough was read.
    pub(crate) fn take(&mut self, piece: &Bytes) -> bool {
        let room = READ_MAX - self.read;
        let piece = &piece[..piece.len().min(room)];
        self.read += piece.len();
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            self.open.extend_from_slice(&rest[..end]);
            let line = std::mem::take(&mut self.open);
            self.line(&line);
            rest = &rest[end + 1..];
        }
        self.open.extend_from_slice(rest);
        self.read < READ_MAX
    }

    /// What was read; `cut` when there was more.
    pub(crate) fn finish(mut self, cut: bool) -> LogPage {
        if !self.open.is_empty() {
            let line = std::mem::take(&mut self.open);
            self.line(&line);
        }
        self.page.cut = cut;
        self.page.lines = self.kept.into();
        self.page
    }

    fn line(&mut self, raw: &[u8]) {
        self.page.total += 1;
        let text = String::from_utf8_lossy(raw);
        let text = text.trim_end_matches('\r');
        let mut line = take_apart(text);
        if !self.filter.lets_through(text, &line) {
            return;
        }
        self.page.matching += 1;
        line.number = self.page.total;
        self.kept.push_back(line);
        if self.kept.len() > KEEP_LINES {
            self.kept.pop_front();
        }
    }
}

/// One line. Only a line that begins with a `key=` and holds a `msg` counts as logfmt.
pub(crate) fn take_apart(raw: &str) -> LogLine {
    let plain = || LogLine {
        number: 0,
        time: String::new(),
        level: String::new(),
        text: short(raw).to_owned(),
        rest: String::new(),
    };
    let Some(pairs) = pairs(raw) else {
        return plain();
    };
    let mut line = plain();
    let (mut text, mut rest) = (None, Vec::new());
    for (key, value) in pairs {
        match key {
            "time" => line.time = clock_part(&value).to_owned(),
            "msg" if text.is_none() => text = Some(value),
            "level" => match value.as_str() {
                "error" | "fatal" | "panic" => line.level = "error".into(),
                "warning" | "warn" => line.level = "warning".into(),
                "info" => line.level = "info".into(),
                other => rest.push(format!("level={other}")),
            },
            _ if value.contains([' ', '"']) || value.is_empty() => rest.push(format!("{key}={value:?}")),
            _ => rest.push(format!("{key}={value}")),
        }
    }
    let Some(text) = text else {
        return plain();
    };
    line.text = short(&text).to_owned();
    line.rest = short(&rest.join(" ")).to_owned();
    line
}

/// `02:31:20` of an RFC 3339 time; anything else as it is.
fn clock_part(time: &str) -> &str {
    time.split_once('T').and_then(|(_, clock)| clock.get(..8)).unwrap_or(time)
}

fn short(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LINE_MAX)).unwrap_or(text)
}

/// The pairs of a logfmt line; `None` when it isn't one.
fn pairs(line: &str) -> Option<Vec<(&str, String)>> {
    let mut out = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
        if key.is_empty() || !key.chars().all(wordy) {
            return None;
        }
        let (value, behind) = if let Some(quoted) = after.strip_prefix('"') { unquote(quoted)? } else { word(after) };
        out.push((key, value));
        rest = behind.trim_start();
    }
    (!out.is_empty()).then_some(out)
}

fn word(text: &str) -> (String, &str) {
    let end = text.find(' ').unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// Reads up to the closing quote, as Go's `%q` writes; a line break inside becomes `⏎`.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('⏎'),
                't' => out.push(' '),
                'r' => {}
                other => out.push(other),
            },
            _ => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = r#"time="2026-10-29T02:31:20Z" level=error msg="Error backing up \"a\" item" backup=velero/shop-1 logSource="pkg/backup/backup.go:482" error="no such\nthing" name=a"#;

    #[test]
    fn logrus_lines_are_taken_apart() {
        let line = take_apart(ITEM);
        assert_eq!((line.time.as_str(), line.level.as_str()), ("02:31:20", "error"));
        assert_eq!(line.text, "Error backing up \"a\" item");
        assert_eq!(
            line.rest,
            r#"backup=velero/shop-1 logSource=pkg/backup/backup.go:482 error="no such⏎thing" name=a"#
        );
        let debug = take_apart("time=x level=debug msg=hello");
        assert_eq!((debug.time.as_str(), debug.level.as_str(), debug.rest.as_str()), ("x", "", "level=debug"));
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for other in
            ["", "plain words", "a = b", "level=info nothing", "panic: runtime error: x=1", "time=\"unclosed msg=x"]
        {
            let line = take_apart(other);
            assert_eq!((line.text.as_str(), line.level.as_str(), line.rest.as_str()), (other, "", ""));
        }
    }

    fn read(pieces: &[&str], text: &str, level: &str) -> LogPage {
        let mut reader = Reader::new(Filter::new(text, level));
        for piece in pieces {
            reader.take(&Bytes::copy_from_slice(piece.as_bytes()));
        }
        reader.finish(false)
    }

    #[test]
    fn lines_are_joined_over_pieces_and_filtered() {
        let pieces = ["level=info ms", "g=one\nlevel=warning msg=two\nlevel", "=error msg=Three"];
        let all = read(&pieces, "", "");
        assert_eq!((all.total, all.matching), (3, 3));
        assert_eq!(all.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["one", "two", "Three"]);
        assert_eq!(all.lines[2].number, 3);
        assert_eq!(read(&pieces, "", "warning").matching, 2);
        assert_eq!(read(&pieces, "", "error").lines[0].text, "Three");
        assert_eq!(read(&pieces, "three", "").matching, 1, "text is found whatever its case");
        assert_eq!(read(&pieces, "nothing", "").total, 3);
    }

    #[test]
    fn only_the_last_lines_are_kept_and_only_so_much_is_read() {
        let many: String = (0..2_100).map(|i| format!("line {i}\n")).collect();
        let page = read(&[&many], "", "");
        assert_eq!((page.total, page.matching, page.lines.len()), (2_100, 2_100, KEEP_LINES));
        assert_eq!(page.lines[0].text, "line 100");
        let mut reader = Reader::new(Filter::default());
        let mebibyte = Bytes::from(vec![b'x'; 1 << 20]);
        let taken = (0..40).take_while(|_| reader.take(&mebibyte)).count();
        assert_eq!(taken, 31, "the 32nd fills it");
        let page = reader.finish(true);
        assert!(page.cut);
        assert_eq!(page.lines[0].text.len(), LINE_MAX);
    }
}
