//! Code and logs: they scroll by themselves and can be reached by the keyboard.

use super::part::{Part, Words, el, parts, span};
#[cfg(feature = "ssr")]
use super::{state::Tone, words};
#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::run::LogLine;

/// What a piece of code is coloured as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    #[default]
    Plain,
    Yaml,
}

/// A block of code; `label` names it. `wrap` breaks long lines instead of scrolling them.
pub fn code(label: impl Into<Words>, text: String, syntax: Syntax, wrap: bool) -> Part {
    code_of(label.into(), text, syntax, wrap)
}

pub(super) fn code_of(label: Words, text: String, syntax: Syntax, wrap: bool) -> Part {
    let inside = match syntax {
        Syntax::Plain => text.into(),
        Syntax::Yaml => parts(yaml(&text).into_iter().map(|(kind, text)| match kind {
            Token::Text => Part::from(text),
            kind => span(kind.class()).put(text).into(),
        })),
    };
    el("pre")
        .class(if wrap { "code code-wrap" } else { "code" })
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
        .put(el("code").put(inside))
        .into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Code(
    #[prop(into)] label: String,
    #[prop(into)] text: String,
    #[prop(optional)] syntax: Syntax,
    #[prop(optional)] wrap: bool,
) -> impl IntoView {
    code(label, text, syntax, wrap)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Key,
    Comment,
    Text,
}

impl Token {
    const fn class(self) -> &'static str {
        match self {
            Self::Key => "k",
            Self::Comment => "c",
            Self::Text => "",
        }
    }
}

/// YAML in pieces: keys at a line's start and comments. Block scalars are text to their end. Neighbouring text is one
/// piece, so that a page carries few elements.
fn yaml(text: &str) -> Vec<(Token, String)> {
    let mut out: Vec<(Token, String)> = Vec::new();
    let mut push = |kind: Token, piece: &str| match out.last_mut() {
        _ if piece.is_empty() => {}
        Some((Token::Text, last)) if kind == Token::Text => last.push_str(piece),
        _ => out.push((kind, piece.to_owned())),
    };
    // Indentation of the key that opened a block scalar; deeper lines belong to it.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        if let Some(opened) = block {
            if body.trim().is_empty() || indent > opened {
                push(Token::Text, line);
                continue;
            }
            block = None;
        }
        // `- ` before a key belongs to the indentation.
        let mut dashes = 0;
        while body[dashes..].starts_with("- ") {
            dashes += 2;
        }
        let (lead, rest) = line.split_at(indent + dashes);
        push(Token::Text, lead);
        if rest.starts_with('#') {
            push(Token::Comment, rest);
            continue;
        }
        let value = match key_end(rest) {
            Some(end) => {
                push(Token::Key, &rest[..end]);
                &rest[end..]
            }
            None => rest,
        };
        let start = value.trim_start_matches(':').trim();
        if start.starts_with('|') || start.starts_with('>') {
            block = Some(indent + dashes);
        }
        let quoted = start.starts_with('"') || start.starts_with('\'');
        match value.find(" #").filter(|_| !quoted) {
            Some(at) => {
                push(Token::Text, &value[..=at]);
                push(Token::Comment, value[at + 1..].trim_end_matches('\n'));
                push(Token::Text, if value.ends_with('\n') { "\n" } else { "" });
            }
            None => push(Token::Text, value),
        }
    }
    out
}

/// Where a plain key ends: before a colon that is followed by a space or by the line's end.
fn key_end(rest: &str) -> Option<usize> {
    if rest.starts_with(['{', '[', '"', '\'']) {
        return None;
    }
    let at = rest.find(':')?;
    let after = rest[at + 1..].chars().next();
    (at > 0 && matches!(after, None | Some(' ' | '\n'))).then_some(at)
}

/// Lines of a log; each number is an anchor (`#L1842`), lit when it is the target.
#[cfg(feature = "ssr")]
#[component]
pub fn LogLines(lines: Vec<LogLine>) -> impl IntoView {
    let items = lines
        .into_iter()
        .map(|l| {
            let anchor = format!("L{}", l.number);
            let tone = match l.level.as_str() {
                "error" | "fatal" | "panic" => Tone::Bad,
                "warning" | "warn" => Tone::Warn,
                _ => Tone::Mute,
            };
            let number = words::count(l.number);
            let name = format!("Line {number}");
            view! {
                <li id=anchor.clone() data-tone=tone.key()>
                    <a href=format!("#{anchor}") aria-label=name>{number}</a>
                    <time>{l.time}</time>
                    <b>{l.level}</b>
                    <span>
                        {l.text}
                        {(!l.rest.is_empty()).then(|| view! { " "<span class="text-ink-3">{l.rest}</span> })}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="log" tabindex="0" aria-label="Log lines">{items}</ol> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_pieces_keep_every_character() {
        let text = "apiVersion: velero.io/v1\nkind: Schedule\nspec:\n  schedule: CRON_TZ=Europe/Zurich 30 2 * * *\n  \
                    flag: false  # keeps its backups\n  list:\n  - name: a:b\n  - plain\n  text: |\n    not: a key\n    # not a \
                    comment\n  quoted: \"x # y\"\n# end\n";
        let pieces = yaml(text);
        assert_eq!(pieces.iter().map(|(_, t)| t.as_str()).collect::<String>(), text);
        let of = |kind| pieces.iter().filter(|(k, _)| *k == kind).map(|(_, t)| t.trim_end()).collect::<Vec<_>>();
        assert_eq!(
            of(Token::Key),
            ["apiVersion", "kind", "spec", "schedule", "flag", "list", "name", "text", "quoted"]
        );
        assert_eq!(of(Token::Comment), ["# keeps its backups", "# end"]);
    }

    #[test]
    fn odd_yaml_does_not_stop_it() {
        for text in ["", ":", "\n", "- - a: 1", "{a: b}", "ü: ö # é", "a:", "  ", "- "] {
            assert_eq!(yaml(text).into_iter().map(|(_, t)| t).collect::<String>(), text);
        }
    }
}
