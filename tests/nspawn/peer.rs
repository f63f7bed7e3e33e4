//! The provider's router: a second FRR, of the same image, in the namespace outside, at the far end of VLAN 25.

use super::machine::Machine;
use super::network::{EXTERNAL, run};
use super::router::Router;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const VLAN: &str = "25";
const TAP: &str = "transit25";

/// What runs in the peer, in its own mount namespace over the read-only image.
const START: &str = r#"
set -e
root=$1 conf=$2
mount --bind "$root" "$root"
mount -t tmpfs none "$root/run"
mount -t tmpfs none "$root/var"
install -d -m 755 "$root/run/frr" "$root/var/log" "$root/var/tmp" "$root/var/lib/frr"
ln -s ../run "$root/var/run"
chroot "$root" chown frr:frr /run/frr /var/lib/frr
mount -t tmpfs none "$root/etc/frr"
cp "$conf" "$root/etc/frr/frr.conf"
chmod 755 "$root/etc/frr"; chmod 644 "$root/etc/frr/frr.conf"
for daemon in zebra bfdd; do chroot "$root" /usr/lib/frr/$daemon -d -f /etc/frr/frr.conf -i /run/frr/$daemon.pid; done
exec chroot "$root" /usr/lib/frr/bgpd -f /etc/frr/frr.conf -i /run/frr/bgpd.pid
"#;

/// A running peer; it dies with the machine's network.
#[derive(Debug)]
pub struct Peer {
    namespace: String,
    trunk: Child,
    frr: Child,
}

impl Peer {
    /// Puts the peer at the far end of the machine's first NIC and starts it.
    pub fn start(router: &Router, machine: &Machine) -> Self {
        let namespace = machine.network.outside.clone();
        let trunk = start_trunk(&namespace);
        for address in ["198.51.100.1/30", "2001:db8:25::1/64"] {
            run(
                "ip",
                &["-n", &namespace, "addr", "add", address, "dev", TAP, "nodad"].map(|word| word),
            );
        }
        let conf = router.dir.join("peer.conf");
        fs::write(&conf, configuration(router)).unwrap();
        let frr = Command::new("ip")
            .args([
                "netns",
                "exec",
                &namespace,
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                START,
                "peer",
            ])
            .arg(&router.image)
            .arg(&conf)
            .stdin(Stdio::null())
            .stdout(File::create(router.dir.join("peer.log")).unwrap())
            .stderr(File::create(router.dir.join("peer.err")).unwrap())
            .spawn()
            .unwrap();
        Self {
            namespace,
            trunk,
            frr,
        }
    }

    /// The kernel's routes outside, those the peer learned included.
    pub fn routes(&self) -> String {
        run("ip", &["-n", &self.namespace, "route", "show"])
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for child in [&mut self.frr, &mut self.trunk] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// This kernel may have no 802.1Q: the tag is added and removed in user space.
fn start_trunk(namespace: &str) -> Child {
    let program: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/stand_in/trunk"]
        .iter()
        .collect();
    let mut trunk = Command::new("ip")
        .args(["netns", "exec", namespace])
        .arg(program)
        .args([EXTERNAL.peer, VLAN, TAP])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(trunk.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n", "trunk");
    trunk
}

/// With BFD where the router asks for it: FRR 10 holds the session Idle while one side has it alone. Its intervals are wide,
/// because the trunk is a script on a busy machine.
fn configuration(router: &Router) -> String {
    let document = fs::read_to_string(router.config("imp.toml")).unwrap();
    let bfd = match document.lines().any(|line| line.starts_with("bfd ")) {
        true => " neighbor 198.51.100.2 bfd 10 5000 5000\n",
        false => "",
    };
    let password = fs::read_to_string(router.config("secrets/bgp-transit-a")).unwrap();
    let password = password.trim();
    format!(
        "hostname transit-a
router bgp 64496
 bgp router-id 198.51.100.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 198.51.100.2 remote-as 64500
 neighbor 198.51.100.2 password {password}
 neighbor 198.51.100.2 timers connect 1
{bfd} neighbor 2001:db8:25::2 remote-as 64500
 neighbor 2001:db8:25::2 password {password}
 neighbor 2001:db8:25::2 timers connect 1
 address-family ipv4 unicast
  network 198.18.0.0/15
 exit-address-family
 address-family ipv6 unicast
  neighbor 2001:db8:25::2 activate
 exit-address-family
"
    )
}
