//! The NICs of the dataplane and the veth of each Incus bridge: taken into the namespace, or given back.

use caps::Capability::{CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYS_MODULE};
use imp::exit;
use imp::host::privilege;
use imp::step;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-nic", |start| {
        privilege::keep_also(&[CAP_NET_ADMIN, CAP_SYS_ADMIN], &[CAP_SYS_MODULE])?;
        match start.words.as_slice() {
            [up] if up == "up" => step::nic::up(&start.root, &step::input::read(&start.root)?),
            [down] if down == "down" => step::nic::down(&start.root),
            [arrived] if arrived == "arrived" => {
                step::nic::arrived(&start.root, &step::input::read(&start.root)?)
            }
            _ => Err(start.usage("imp-nic up|down|arrived [--root DIR]")),
        }
    })
}
