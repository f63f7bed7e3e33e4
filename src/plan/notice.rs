//! Notices to the operator that come with a plan.

use crate::config::code::Code;
use std::fmt;

/// Something the operator should know about this machine, under a code that `impctl explain` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of notice it is.
    pub code: Code,
    /// One line that names the subject and says what to do.
    pub text: String,
}

impl Notice {
    /// A notice under a code.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}
