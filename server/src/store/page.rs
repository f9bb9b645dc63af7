//! Conditions that are put together, and keyset pages with opaque keys: a page begins behind a row, never at a number, so
//! that rows which come or go meanwhile neither repeat nor hide others.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Int(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Value {
    /// PostgreSQL refuses NUL in text; nothing that is stored holds one.
    fn from(text: String) -> Self {
        Self::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// A `WHERE` clause with its values. Only our own text becomes SQL; what people type is always bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Where {
    text: String,
    values: Vec<Value>,
}

impl Where {
    /// One more condition; every `?` in it stands for `value`.
    pub(super) fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.and_plain(&condition.replace('?', &place));
    }

    /// One more condition without a value.
    pub(super) fn and_plain(&mut self, condition: &str) {
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        self.text.push('(');
        self.text.push_str(condition);
        self.text.push(')');
    }

    /// The column has one of these values; none of them lets nothing through.
    pub(super) fn and_among(&mut self, column: &str, values: Vec<Value>) {
        if values.is_empty() {
            return self.and_plain("1 = 0");
        }
        let first = self.values.len() + 1;
        let places: Vec<String> = (first..first + values.len()).map(|n| format!("${n}")).collect();
        self.values.extend(values);
        self.and_plain(&format!("{column} IN ({})", places.join(", ")));
    }

    /// Every word of `text` occurs in one of the columns, which hold lower case.
    pub(super) fn and_search(&mut self, text: &str, columns: &[&str]) {
        for word in text.split_whitespace().take(8) {
            let mut pattern = String::from("%");
            for c in word.to_lowercase().chars() {
                if matches!(c, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
            pattern.push('%');
            let any: Vec<String> = columns.iter().map(|column| format!("{column} LIKE ? ESCAPE '\\'")).collect();
            self.and(&any.join(" OR "), pattern);
        }
    }

    /// True when nothing is filtered.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The query `before` + these conditions + `after`, with its values bound.
    pub(super) fn query(&self, before: &str, after: &str) -> Query<'static, Any, AnyArguments> {
        let mut query = sqlx::query(AssertSqlSafe(format!("{before}{}{after}", self.text)));
        for value in &self.values {
            query = match value {
                Value::Text(text) => query.bind(text.clone()),
                Value::Int(number) => query.bind(*number),
            };
        }
        query
    }
}

/// Which page is wanted of a list in the order of a column and the id.
#[derive(Clone, Debug)]
pub(super) struct Pager {
    order: &'static str,
    column: &'static str,
    id: &'static str,
    descending: bool,
    limit: usize,
    key: Option<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    back: bool,
    value: Value,
    id: String,
}

impl Pager {
    /// `order` names the order and stands in the key: a key of another order gives the first page. `text` says whether the
    /// column is TEXT.
    pub(super) fn new(
        order: &'static str,
        (column, id): (&'static str, &'static str),
        text: bool,
        descending: bool,
        page: &str,
        limit: usize,
    ) -> Self {
        let key = read_key(order, page).filter(|key| matches!(key.value, Value::Text(_)) == text);
        Self { order, column, id, descending, limit: limit.max(1), key }
    }

    fn is_back(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.back)
    }

    /// Adds the condition that the page begins behind its key, and answers the `ORDER BY … LIMIT …`.
    pub(super) fn bound(&self, conditions: &mut Where) -> String {
        let descending = self.descending != self.is_back();
        let (column, id) = (self.column, self.id);
        if let Some(key) = &self.key {
            let sign = if descending { "<" } else { ">" };
            conditions.values.push(key.value.clone());
            conditions.values.push(Value::Text(key.id.clone()));
            let (a, b) = (conditions.values.len() - 1, conditions.values.len());
            conditions.and_plain(&format!("({column}, {id}) {sign} (${a}, ${b})"));
        }
        let way = if descending { "DESC" } else { "ASC" };
        format!(" ORDER BY {column} {way}, {id} {way} LIMIT {}", self.limit.saturating_add(1))
    }

    /// Puts the rows that were read in order and makes the keys of the neighbours.
    pub(super) fn finish<T>(
        &self,
        mut rows: Vec<T>,
        key_of: impl Fn(&T) -> (Value, String),
    ) -> (Vec<T>, Option<String>, Option<String>) {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.is_back() {
            rows.reverse();
        }
        let key = |row: Option<&T>, back: bool| {
            row.map(|row| {
                let (value, id) = key_of(row);
                write_key(self.order, &Key { back, value, id })
            })
        };
        let (has_next, has_previous) = if self.is_back() { (true, more) } else { (more, self.key.is_some()) };
        let next = has_next.then(|| key(rows.last(), false)).flatten();
        let previous = has_previous.then(|| key(rows.first(), true)).flatten();
        (rows, next, previous)
    }
}

/// The key of the page behind a row.
pub(super) fn behind(order: &str, value: Value, id: &str) -> String {
    write_key(order, &Key { back: false, value, id: id.to_owned() })
}

/// Order, direction, type, id and value, separated by a character that none but the value can hold.
fn write_key(order: &str, key: &Key) -> String {
    let way = if key.back { 'p' } else { 'n' };
    let text = match &key.value {
        Value::Text(text) => format!("{order}|{way}|t|{}|{text}", key.id),
        Value::Int(number) => format!("{order}|{way}|i|{}|{number}", key.id),
    };
    URL_SAFE_NO_PAD.encode(text)
}

fn read_key(order: &str, page: &str) -> Option<Key> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(page).ok()?).ok()?;
    // PostgreSQL refuses NUL in text.
    let mut parts = Some(text.as_str()).filter(|t| !t.contains('\0'))?.splitn(5, '|');
    parts.next().filter(|o| *o == order)?;
    let back = match parts.next()? {
        "n" => false,
        "p" => true,
        _ => return None,
    };
    let kind = parts.next()?;
    let id = parts.next()?.to_owned();
    let value = match kind {
        "t" => Value::Text(parts.next()?.to_owned()),
        "i" => Value::Int(parts.next()?.parse().ok()?),
        _ => return None,
    };
    Some(Key { back, value, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back() {
        for value in [Value::from("a|b"), Value::from(-7)] {
            let key = Key { back: true, value, id: "0193".into() };
            assert_eq!(read_key("name", &write_key("name", &key)), Some(key));
        }
    }

    #[test]
    fn strange_keys_give_the_first_page() {
        let key = Key { back: false, value: Value::Int(1), id: "x".into() };
        let of_another_order = write_key("last_run", &key);
        let zero = URL_SAFE_NO_PAD.encode("name|n|t|x|\0");
        for strange in ["", "%%%", "bm9uc2Vuc2U", &of_another_order, &zero] {
            assert_eq!(read_key("name", strange), None, "{strange}");
        }
        let typed = Pager::new("name", ("name", "id"), true, false, &write_key("name", &key), 5);
        assert_eq!(typed.key, None, "a number where the column is text");
    }

    #[test]
    fn what_is_typed_is_bound() {
        let mut conditions = Where::default();
        conditions.and_search("50%_ X'", &["name", "search"]);
        assert_eq!(
            conditions.text,
            " WHERE (name LIKE $1 ESCAPE '\\' OR search LIKE $1 ESCAPE '\\') AND (name LIKE $2 ESCAPE '\\' OR search LIKE $2 ESCAPE '\\')"
        );
        assert_eq!(conditions.values, [Value::from("%50\\%\\_%"), Value::from("%x'%")]);
    }
}
