//! `[frr]`: the way out.

use super::code::E0360;
use super::diag::Diagnostic;
use super::reader::{Table, Value};

/// `[frr] extra-file`: the text appended to frr.conf, its lines without control characters.
pub(super) fn decode(document: &mut Table<'_, '_>) -> Option<String> {
    let mut table = document.table("frr")?;
    let text = table.value("extra-file").and_then(|v| extra(&v));
    table.finish();
    text
}

fn extra(value: &Value<'_, '_>) -> Option<String> {
    let (path, bytes) = value.file()?;
    let cx = value.cx();
    let refuse = |line: usize, what: &str| {
        cx.report(
            Diagnostic::error(E0360, value.span(), format!("'{path}' line {line} {what}"))
                .hint("FRR reads it line by line; keep to text, blanks and line ends"),
        );
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            refuse(1 + good.iter().filter(|b| **b == b'\n').count(), "is not UTF-8");
            return None;
        }
    };
    let hostile = |line: &str| line.chars().any(|c| c != '\t' && crate::types::is_hostile(c));
    let found = text.split('\n').position(hostile);
    if let Some(index) = found {
        refuse(index + 1, "has a control or invisible character");
        return None;
    }
    Some(text)
}
