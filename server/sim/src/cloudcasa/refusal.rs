//! Errors as Eve writes them.

use serde_json::{Value, json};

use super::validate::Issues;
use crate::rest::Answer;

/// The texts that werkzeug has for a code when nobody gave one.
pub(super) fn standard(code: u16) -> &'static str {
    match code {
        400 => "The browser (or proxy) sent a request that this server could not understand.",
        401 => "Please provide proper credentials",
        403 => {
            "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server."
        }
        404 => {
            "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."
        }
        405 => "The method is not allowed for the requested URL.",
        406 => {
            "The resource identified by the request is only capable of generating response entities which have content characteristics not acceptable according to the accept headers sent in the request."
        }
        409 => {
            "A conflict happened while processing the request. The resource might have been modified while the request was being processed."
        }
        412 => "Client and server etags don't match",
        415 => "The server does not support the media type transmitted in the request.",
        422 => "Insertion failure: 1 document(s) contain(s) error(s)",
        428 => "To edit a document its etag must be provided using the If-Match header",
        429 => "Rate limit exceeded",
        500 => {
            "The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application."
        }
        _ => "Error",
    }
}

/// An error document; an empty message means the standard one.
pub(super) fn error(code: u16, message: &str) -> Answer {
    let message = if message.is_empty() { standard(code) } else { message };
    let answer = Answer::json(code, &json!({"_status": "ERR", "_error": {"code": code, "message": message}}));
    if code == 401 { answer.with("WWW-Authenticate", "Basic realm=\"eve\"") } else { answer }
}

/// 422 with findings; only POST counts the documents in an `_error` too.
pub(super) fn invalid(issues: Issues, posted: bool) -> Answer {
    let mut body = json!({"_status": "ERR", "_issues": Value::Object(issues)});
    if posted {
        body["_error"] = json!({"code": 422, "message": standard(422)});
    }
    Answer::json(422, &body)
}
