//! `impctl boot deploy`: a new image on this machine, tried at the next boot.

use super::{boot, out};
use crate::boot::loader;
use crate::exit::{Failure, Kind};
use crate::step::deploy::source::Source;
use crate::step::deploy::{Options, deploy};
use crate::types::Root;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The file or the image, as it was typed.
    pub source: String,
    /// `--force`.
    pub force: bool,
    /// Not `--no-arm`.
    pub arm: bool,
    /// `--reboot`.
    pub reboot: bool,
}

/// Does it, and says what happens next.
pub fn run(root: &Root, request: &Request) -> Result<(), Failure> {
    let source = Source::parse(&request.source).map_err(|problem| Failure::new(Kind::Usage, problem))?;
    boot::allowed(root)?;
    let options = Options {
        force: request.force,
        arm: request.arm,
    };
    let backend = loader::of_machine(root);
    let image = deploy(root, backend.as_ref(), &source, &options)?;
    if request.arm {
        boot::armed(root, &image, "tried", request.reboot)
    } else {
        out::print(&format!(
            "{image} is ready; 'impctl boot arm {image}' tries it at the next boot\n"
        ))
    }
}
