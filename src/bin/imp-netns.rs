//! The namespace of the dataplane: made and pinned, or removed.

use caps::Capability::{CAP_NET_ADMIN, CAP_SYS_ADMIN};
use imp::exit;
use imp::host::privilege;
use imp::plan::netns::Wanted;
use imp::step;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-netns", |start| {
        privilege::keep(&[CAP_NET_ADMIN, CAP_SYS_ADMIN])?;
        match start.words.as_slice() {
            [up] if up == "up" => {
                let Wanted { namespace } = step::input::read(&start.root)?;
                step::netns::up(&start.root, &namespace)
            }
            [down] if down == "down" => step::netns::down(&start.root),
            _ => Err(start.usage("imp-netns up|down [--root DIR]")),
        }
    })
}
