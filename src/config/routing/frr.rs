//! `[frr]`: extra lines for settings that have no key.

use super::raw::FrrRaw;
use crate::config::check::Checking;
use crate::config::code::E0360;
use crate::config::keys::Field;

const HINT: &str = "FRR reads it line by line; use plain text only";

/// `[frr] extra-file`: the text appended to frr.conf, its lines without control characters.
pub(in crate::config) fn extra(field: &Field<FrrRaw>, cx: &mut Checking<'_>) -> Option<String> {
    cx.lines_of_file(field.get()?.extra_file.located()?, E0360, HINT)
}
