//! Reads a page as a browser and a person do: tags with their attributes, and the text without them.

/// A tag as it stands in the page.
#[derive(Clone, Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// How many `<label>`s are open around it.
    pub labels: usize,
    /// The method of the form around it.
    pub form: Option<String>,
    /// Text up to the next closing tag of the same name.
    pub text: String,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// Every opening tag, in order. What stands in scripts is not read.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    let (mut rest, mut labels, mut form) = (html, 0_usize, None);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with("label") {
            labels += 1;
        } else if rest.starts_with("/label") {
            labels -= 1;
        } else if rest.starts_with("/form") {
            form = None;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, after) = one(rest, labels);
        let close = format!("</{}", tag.name);
        let inner = after.split(&close).next().unwrap_or_default();
        rest = if tag.name == "script" { &after[inner.len()..] } else { after };
        if tag.name == "form" {
            form = Some(tag.get("method").unwrap_or("get").to_owned());
        }
        out.push(Tag { text: text(inner), form: form.clone(), ..tag });
    }
    out
}

fn one(from: &str, labels: usize) -> (Tag, &str) {
    let end = from.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(from.len());
    let (name, mut rest) = from.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            let tag = Tag { name: name.to_owned(), attributes, labels, form: None, text: String::new() };
            return (tag, after);
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '=').expect("a tag ends");
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a quote ends"),
            None => ("", after.strip_prefix("=").unwrap_or(after)),
        };
        attributes.push((key.to_owned(), plain(value)));
        rest = after;
    }
}

/// What a person reads: no tags, no comments, no scripts; one blank between words.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        // A block's end parts words as a line break does; the ends of inline tags and comments part nothing.
        let line = after.starts_with("span class=\"sub\"");
        let inline = ["/b>", "b>", "span", "/span>", "!", "time", "/time>", "code", "/code>", "a ", "/a>", "i ", "/i>"];
        if line || !inline.iter().any(|tag| after.starts_with(tag)) {
            out.push(' ');
        }
        let skip = if after.starts_with("script") { "</script>" } else { ">" };
        rest = after.split_once(skip).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    plain(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(escaped: &str) -> String {
    escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The row of a table that this name heads.
pub fn row<'a>(html: &'a str, name: &str) -> &'a str {
    let heads = [format!(">{name}</a>"), format!(">{name}</span>")];
    html.match_indices("<tr")
        .map(|(at, _)| html[at..].split("</tr>").next().unwrap_or_default())
        .find(|row| heads.iter().any(|head| row.contains(head)))
        .unwrap_or_else(|| panic!("no row {name}"))
}

/// A part of the page by its id, up to the end of its section.
pub fn section<'a>(html: &'a str, id: &str) -> &'a str {
    html.split_once(&format!(" id=\"{id}\""))
        .and_then(|(_, rest)| rest.split("</section>").next())
        .unwrap_or_else(|| panic!("no section {id}"))
}

/// The value beside a name in a list of facts.
pub fn fact(html: &str, label: &str) -> String {
    html.split_once(&format!("<dt>{label}</dt>"))
        .and_then(|(_, rest)| rest.split_once("<dd>"))
        .and_then(|(_, rest)| rest.split("</dd>").next())
        .map_or_else(|| panic!("no fact {label}"), text)
}

/// The path of crumbs, as it is read.
pub fn crumbs(html: &str) -> String {
    html.split_once("aria-label=\"Breadcrumb\"")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split("</nav>").next())
        .map_or_else(|| panic!("no crumbs"), text)
}

/// The states that it shows: tone and word, with the raw word of an unknown one.
pub fn states(html: &str) -> Vec<(String, String)> {
    html.match_indices("<span ")
        .filter_map(|(at, _)| {
            let (tag, after) = one(&html[at + 1..], 0);
            let is_state = tag.get("class").is_some_and(|class| class.split(' ').any(|c| c == "state"));
            is_state.then(|| (tag.get("data-tone").unwrap_or_default().to_owned(), text(inside(after))))
        })
        .collect()
}

/// Up to the end of the span that has begun.
fn inside(html: &str) -> &str {
    let (mut depth, mut at) = (1, 0);
    while depth > 0 {
        let next = html[at..].find("span").expect("a span ends") + at;
        depth = if html[..next].ends_with("</") { depth - 1 } else { depth + usize::from(html[..next].ends_with('<')) };
        at = next + 4;
    }
    &html[..at - 6]
}
