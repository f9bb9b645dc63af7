//! Just enough reading of Rust for the bars: code without its comments and strings.

/// The same text with comments and the insides of string literals blanked, line for line.
pub fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let end = match (c, next) {
            ('/', Some('/')) => until(&bytes, at, |rest| rest.starts_with(&['\n'])),
            ('/', Some('*')) => until(&bytes, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2,
            ('"', _) => string_end(&bytes, at),
            ('r', Some('"' | '#')) if !follows_word(&bytes, at) => match raw_string_end(&bytes, at) {
                Some(end) => end,
                None => at,
            },
            // A quote as a character, not the start of a lifetime.
            ('\'', Some('"')) if bytes.get(at + 2) == Some(&'\'') => at + 3,
            ('\'', Some('\\')) => until(&bytes, at + 3, |rest| rest.starts_with(&['\''])) + 1,
            _ => at,
        };
        if end > at {
            for skipped in bytes.iter().take(end).skip(at) {
                out.push(if *skipped == '\n' { '\n' } else { ' ' });
            }
            at = end;
        } else {
            out.push(c);
            at += 1;
        }
    }
    out
}

fn follows_word(chars: &[char], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn until(chars: &[char], from: usize, found: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|&at| chars.get(at..).is_some_and(&found)).unwrap_or(chars.len())
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars.get(start + 1..)?.iter().take_while(|c| **c == '#').count();
    if chars.get(start + 1 + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    Some((until(chars, start + 2 + hashes, |rest| rest.starts_with(&close)) + close.len()).min(chars.len()))
}

/// A file of tests, which may do what the product may not.
pub fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// The bodies of functions that carry `#[server]`, as (line of the function, its lines of code).
pub fn server_functions(code: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let attribute = line.trim_start();
        if !(attribute.starts_with("#[server(") || attribute.starts_with("#[server]")) {
            continue;
        }
        let Some(start) = (at..lines.len()).find(|&n| lines.get(n).is_some_and(|line| line.contains("fn "))) else {
            continue;
        };
        if let Some(body) = body_lines(lines.get(start..).unwrap_or_default()) {
            found.push((start + 1, body));
        }
    }
    found
}

/// Counts the lines between a function's braces. A body on the line of its brace counts as one.
fn body_lines(lines: &[&str]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut inside = String::new();
    for line in lines {
        for c in line.chars() {
            match c {
                '{' => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                '}' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(inside.lines().filter(|line| !line.trim().is_empty()).count());
                    }
                }
                _ => {}
            }
            if depth > 0 {
                inside.push(c);
            }
        }
        inside.push('\n');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_line_for_line() {
        let code = code_only("a // x\n/* y\nz */ b \"s \\\" t\" r#\"raw \" s\"# 'q' '\"' '\\'' c<'l> for r in d");
        assert_eq!(code.lines().count(), 3);
        for word in ["x", "y", "z", "s ", "t\"", "raw"] {
            assert!(!code.contains(word), "{word} stayed in {code:?}");
        }
        for word in ["a ", " b ", "c<'l> for r in d"] {
            assert!(code.contains(word), "{word} went from {code:?}");
        }
    }

    #[test]
    fn bodies_of_server_functions_are_counted() {
        let code = "#[server(endpoint = x)]\n#[other]\npub async fn a(\n  b: B,\n) -> R {\n  one;\n\n  two({\n    x\n  })\n}\n\
                    #[server]\nfn b() -> R { one }\nfn c() {\n1\n2\n}\n";
        assert_eq!(server_functions(code), vec![(3, 4), (13, 1)]);
    }
}
