//! `[frr]`: extra lines for settings that have no key.

use super::raw::FrrRaw;
use crate::config::check::Checking;
use crate::config::code::E0360;
use crate::config::keys::Field;
use crate::config::source::Span;
use crate::types::RelPath;

const HINT: &str = "FRR reads it line by line; use plain text only";

/// `[frr] extra-file`.
#[derive(Debug)]
pub struct FrrExtra {
    /// Where the file is named.
    pub place: Span,
    /// The file.
    pub path: RelPath,
    /// The text appended to frr.conf, its lines without control characters.
    pub text: String,
}

/// The file of extra lines, checked.
pub(in crate::config) fn extra(field: &Field<FrrRaw>, cx: &mut Checking<'_>) -> Option<FrrExtra> {
    let path = field.get()?.extra_file.located()?;
    Some(FrrExtra {
        place: path.span,
        path: path.value.clone(),
        text: cx.lines_of_file(path, E0360, HINT)?,
    })
}
