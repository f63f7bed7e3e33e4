//! Taking in many NICs beside what the kernel takes for it.

use super::*;
use imp::host::netlink;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

/// NICs `n0`, `n1`, … with known addresses.
fn nics(count: usize) {
    for number in 0..count {
        let mac = format!("02:00:00:00:{:02x}:{:02x}", number / 256, number % 256);
        ip(&format!(
            "link add n{number} address {mac} type veth peer name p{number}"
        ));
    }
}

/// A running generation in which each of them is an interface `i0`, `i1`, ….
fn generation(root: &Root, count: usize) {
    let mut text =
        "config-version = 1\n[system]\nhostname = \"edge1\"\n[dataplane]\nnic-wait = \"5s\"\n[vpp.core]\n"
            .to_owned();
    for number in 0..count {
        let mac = format!("02:00:00:00:{:02x}:{:02x}", number / 256, number % 256);
        let _ = writeln!(
            text,
            "[interfaces.i{number}]\nmatch = {{ mac = \"{mac}\" }}\nattach = \"af-packet\""
        );
    }
    let folder = root.join("run/imp/generation");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("imp.toml"), text).unwrap();
    imp::step::input::renew(root).unwrap();
}

/// The user's and the kernel's time for this process or its children.
fn cpu(of: UsageWho) -> Duration {
    let usage = getrusage(of).unwrap();
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(microseconds).unwrap())
}

fn measured(of: UsageWho, body: impl FnOnce()) -> (Duration, Duration) {
    let (begin, before) = (Instant::now(), cpu(of));
    body();
    (begin.elapsed(), cpu(of).saturating_sub(before))
}

/// Move, rename and set up, one after the other, and nothing else.
fn bare_loop(root: &Root, count: usize) {
    let target = imp::host::namespace::open(root, &dataplane()).unwrap();
    let mut host = Connection::open().unwrap();
    let mut inside = Connection::open_in(&target).unwrap();
    for number in 0..count {
        let name = |kind: char| -> KernelName { format!("{kind}{number}").parse().unwrap() };
        let index = host.link(&name('n')).unwrap().unwrap().index;
        netlink::move_to(&mut host, index, &target, &name('i')).unwrap();
        let index = inside.link(&name('i')).unwrap().unwrap().index;
        netlink::set_up(&mut inside, index).unwrap();
    }
}

#[test]
#[ignore = "a benchmark: it prints a table"]
fn taking_in_many_nics_costs_what_the_kernel_takes() {
    sandbox::run(
        "nic::many::taking_in_many_nics_costs_what_the_kernel_takes",
        |root| {
            println!(
                "imp-nic up beside a bare loop, in ms: wall and CPU of each, and how many times as much"
            );
            for count in [1, 16, 128] {
                imp::step::netns::up(root, &dataplane()).unwrap();
                nics(count);
                let (bare, bare_cpu) = measured(UsageWho::RUSAGE_SELF, || bare_loop(root, count));
                for number in 0..count {
                    ip(&format!("link del p{number}"));
                }
                nics(count);
                generation(root, count);
                let mut imp_nic = Command::new(crate::tree::bench::program("imp-nic"));
                imp_nic.args(["up", "--root"]).arg(root.path());
                let (ours, ours_cpu) = measured(UsageWho::RUSAGE_CHILDREN, || {
                    let output = imp_nic.output().unwrap();
                    assert!(
                        output.status.success(),
                        "{}",
                        String::from_utf8_lossy(&output.stderr)
                    );
                });
                for number in 0..count {
                    ip(&format!("link del p{number}"));
                }
                let ms = |it: Duration| it.as_secs_f64() * 1000.0;
                println!(
                    "{count:>4} NICs: bare {:>8.1} {:>7.1}, imp-nic {:>8.1} {:>7.1}, {:.2} by wall, {:.2} by CPU",
                    ms(bare),
                    ms(bare_cpu),
                    ms(ours),
                    ms(ours_cpu),
                    ms(ours) / ms(bare),
                    ms(ours_cpu) / ms(bare_cpu)
                );
            }
        },
    );
}
