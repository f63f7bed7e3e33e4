//! Incus as the configuration wants it: initialised once, its bridges joined to VPP. `watch` also keeps it so.

use caps::Capability::{CAP_KILL, CAP_NET_ADMIN};
use imp::exit::{self, Failure, Kind};
use imp::host::{notify, privilege};
use imp::step;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-incus", |start| {
        privilege::keep_also(&[CAP_NET_ADMIN], &[CAP_KILL])?;
        let watch = match start.words.as_slice() {
            [] => false,
            [watch] if watch == "watch" => true,
            _ => return Err(start.usage("imp-incus [watch] [--root DIR]")),
        };
        let wanted = step::input::read(&start.root)?;
        step::incus::up(&start.root, &wanted)?;
        if !watch {
            return Ok(());
        }
        notify::ready().map_err(|error| Failure::from_error(Kind::Failed, &error))?;
        step::incus::keep(&start.root, &wanted)
    })
}
