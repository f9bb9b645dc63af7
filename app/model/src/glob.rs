//! Globs as workspaces have them: `*` is any text, `?` one character, everything else is itself. Case counts.

/// Whether the whole of `text` fits. Time is at most the product of both lengths and nothing is allocated, whatever the pattern:
/// only the last `*` is ever taken up again, because an earlier one can't do better than it already did.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Behind the last `*`, and where its text ends so far.
    let mut star = None;
    loop {
        let (mut wanted, mut there) = (pattern.clone(), text.clone());
        match (wanted.next(), there.next()) {
            (Some('*'), _) => {
                pattern = wanted;
                star = Some((pattern.clone(), text.clone()));
                continue;
            }
            (Some(one), Some(is)) if one == '?' || one == is => {
                (pattern, text) = (wanted, there);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((behind, end)) = &mut star else { return false };
        if end.next().is_none() {
            return false;
        }
        (pattern, text) = (behind.clone(), end.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("shop", "shop", true),
            ("shop", "shop-db", false),
            ("shop-*", "shop-", true),
            ("shop-*", "shop-db", true),
            ("shop-*", "shop", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*-db", "shop-db-db", true),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbxbx", false),
            ("s?op", "shop", true),
            ("s?op", "sop", false),
            ("?", "é", true),
            ("??", "é", false),
            ("Shop", "shop", false),
            ("a[bc]", "ab", false),
            ("a[bc]", "a[bc]", true),
            ("**", "x", true),
            ("*?*", "", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        // What takes 2^40 steps where every star is tried against every other.
        let pattern = "*a".repeat(40) + "b";
        assert!(!matches(&pattern, &"a".repeat(5_000)));
    }
}
