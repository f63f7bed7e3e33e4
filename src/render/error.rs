//! Why a file could not be rendered.

use crate::config::Diagnostic;
use crate::config::code::{Code, E0404, E0405};

/// Why nothing was rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A template has an error, or a value that its grammar does not allow.
    #[error("templates/{template}:{line}: {words}")]
    Template {
        /// E0401 for the template, E0402 for the value.
        code: Code,
        /// Its path below `templates/`.
        template: String,
        /// Whether it is the operator's, below `/persistent/config/templates`.
        overridden: bool,
        /// The line in it, from 1.
        line: usize,
        /// The template engine's message.
        words: String,
    },
    /// A file named by an `extra-…-file` key has a line that its target would misread.
    #[error("line {line} of the {key} of {place} {words}")]
    Extra {
        /// The key that names the file.
        key: &'static str,
        /// The table the key is in, with `file:line` where that is known.
        place: String,
        /// The line in it, from 1.
        line: usize,
        /// What is wrong with it.
        words: String,
    },
    /// A pool of one address that FRR has a route for.
    #[error(
        "{place}: the NAT pool {prefix} is a single address, and FRR's route to it wins over the one to the NAT module"
    )]
    HostRoute {
        /// `file:line` of the mapping or the module.
        place: String,
        /// The pool.
        prefix: ipnet::IpNet,
    },
}

impl RenderError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Template { code, .. } => *code,
            Self::Extra { .. } => E0404,
            Self::HostRoute { .. } => E0405,
        }
    }
}

impl From<RenderError> for Diagnostic {
    fn from(error: RenderError) -> Self {
        let diagnostic = Self::nowhere(error.code(), error.to_string());
        match error {
            RenderError::Template {
                overridden: true,
                template,
                ..
            } => diagnostic.hint(format!(
                "fix /persistent/config/templates/{template}, or remove it to use the package's own"
            )),
            RenderError::HostRoute { .. } => {
                diagnostic.hint("remove the route to this address from [routes]: the NAT module has it")
            }
            _ => diagnostic,
        }
    }
}

/// A place as it is written into a comment: characters of a file name that a comment may not contain become `_`.
pub(super) fn harmless(place: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/');
    place.chars().map(|c| if harmless(c) { c } else { '_' }).collect()
}
