//! What a large island starts with, as one text.
//!
//! Answers of server functions are read as bytes, an island's properties as text: the reader of JSON is another type,
//! and the WASM would carry the decoding of every type twice. Packed, both go the same way.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::marker::PhantomData;

/// A value as JSON.
#[derive(Clone, Debug)]
pub struct Packed<T> {
    json: String,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Packed<T> {
    /// # Panics
    /// When the value can't be written as JSON, such as a map whose keys are no texts.
    #[expect(clippy::expect_used, reason = "the model's types can")]
    pub fn new(value: &T) -> Self {
        Self { json: serde_json::to_string(value).expect("the model's types are JSON"), of: PhantomData }
    }
}

impl<T: DeserializeOwned> Packed<T> {
    /// The value.
    ///
    /// # Panics
    /// When the page was made by another version than the code in it; then nothing of it can be right.
    #[expect(clippy::expect_used, reason = "written by this very build")]
    pub fn open(&self) -> T {
        unpack(&self.json).expect("made by the same build")
    }
}

/// Reads JSON the way that answers of server functions are read.
pub fn unpack<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_slice(json.as_bytes()).ok()
}

impl<T> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.json)
    }
}

impl<'de, T> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { json: String::deserialize(from)?, of: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out() {
        let packed = Packed::new(&vec![("a\"</script>".to_owned(), 1_i64)]);
        let sent = serde_json::to_string(&packed).unwrap_or_default();
        let got: Packed<Vec<(String, i64)>> = serde_json::from_str(&sent).unwrap_or_else(|_| Packed::new(&vec![]));
        assert_eq!(got.open(), packed.open());
        assert_eq!(unpack::<i64>("x"), None);
    }
}
