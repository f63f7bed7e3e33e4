//! Real incusd: initialised once, nothing written at a second boot, and every lie of `Created` found and repaired
//! (facts of Incus 6.0.4: preseed's exit code and `Created` prove nothing).

use super::machine::Machine;
use super::router::Router;

const UNIT: &str = "incus-dataplane.service";
const MARKER: &str = "/persistent/data/imp/incus-initialised.json";

/// A bridge with its address, its dnsmasq and its port, in the kernel.
const WHOLE: &str = "ip -4 -o address show dev incusbr0 | grep -q 10.234.116.1/24 && \
    pgrep -f 'dnsmasq.*--interface=incusbr0' >/dev/null && \
    ip -o link show incusbr0-dp | grep -q 'master incusbr0 '";

/// Exports what the client needs on a read-only root.
const CLIENT: &str = "export INCUS_CONF=/run/ic; mkdir -p /run/ic; touch /run/ic/config.yml;";

/// A container of busybox: asks for a lease and keeps what it was told.
const BUILD_IMAGE: &str = r#"
d=/run/bb; mkdir -p $d/rootfs/bin $d/rootfs/sbin $d/rootfs/etc $d/rootfs/proc $d/rootfs/sys $d/rootfs/dev $d/rootfs/tmp
cp /bin/busybox $d/rootfs/bin/
for applet in sh cat ip sleep udhcpc ping env; do ln -s busybox $d/rootfs/bin/$applet; done
cat >$d/rootfs/sbin/init <<'I'
#!/bin/sh
export PATH=/bin:/sbin
trap 'exit 0' TERM INT PWR
ip link set lo up; ip link set eth0 up
udhcpc -i eth0 -f -t 20 -T 1 -s /bin/leased >/tmp/udhcpc.log 2>&1 &
while :; do sleep 1; done
I
cat >$d/rootfs/bin/leased <<'I'
#!/bin/sh
[ "$1" = bound ] && { ip addr add $ip/$mask dev eth0; ip route add default via $router; env >/tmp/lease; }
exit 0
I
chmod +x $d/rootfs/sbin/init $d/rootfs/bin/leased
echo 'root:x:0:0:root:/root:/bin/sh' >$d/rootfs/etc/passwd; echo 'root:x:0:' >$d/rootfs/etc/group
printf 'architecture: x86_64\ncreation_date: 1750000000\nproperties: {description: bb, os: busybox, release: "1"}\ntemplates: {}\n' \
    >$d/metadata.yaml
tar -C $d -cf /run/bb.tar metadata.yaml rootfs
incus image import /run/bb.tar --alias bb
"#;

fn query(machine: &Machine, path: &str) -> String {
    machine.sh(&format!("{CLIENT} incus query {path}"))
}

/// Everything that a write would change, as Incus tells it.
fn told(machine: &Machine) -> String {
    let paths = [
        "/1.0/storage-pools/default",
        "/1.0/networks/incusbr0",
        "/1.0/profiles/default",
    ];
    paths.map(|path| query(machine, path)).join("\n")
}

fn is_whole(machine: &Machine) {
    machine.until("the bridge is whole in the kernel", 90, WHOLE);
    assert!(query(machine, "/1.0/networks/incusbr0").contains("\"status\": \"Created\""));
    machine.until(
        "the step is up",
        90,
        &format!("systemctl is-active --quiet {UNIT}"),
    );
}

/// What one more run of the step asks of Incus, by the system calls it makes.
fn requests(machine: &Machine) -> (usize, String) {
    machine.sh("strace -f -s 64 -o /run/trace -e trace=write,writev,sendto,sendmsg /usr/lib/imp/imp-incus");
    let lines = machine.sh("grep -E '\"(GET|PUT|POST|PATCH|DELETE) /1.0' /run/trace");
    let writes: Vec<&str> = lines.lines().filter(|line| !line.contains("\"GET ")).collect();
    (lines.lines().count(), writes.join("\n"))
}

#[test]
fn the_first_boot_initialises_incus_and_the_second_writes_nothing() {
    let Some(router) = Router::with_example("the_first_boot_initialises_incus_and_the_second_writes_nothing")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    let first = told(&machine);
    assert!(first.contains("\"ipv4.dhcp.gateway\": \"10.234.116.5\""), "{first}");
    assert!(first.contains("\"ipv4.nat\": \"false\""), "{first}");
    let marker = machine.sh(&format!("cat {MARKER}"));
    assert!(marker.contains("incus-pool"), "{marker}");
    a_container_reaches_its_gateway(&machine);
    machine.power_off();

    let machine = router.boot();
    is_whole(&machine);
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(!journal.contains("set ") && !journal.contains("create "), "{journal}");
    let (count, writes) = requests(&machine);
    assert!(count <= 5 && writes.is_empty(), "{count} requests, writes: {writes}");
    assert_eq!(machine.sh(&format!("cat {MARKER}")), marker);
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    machine.power_off();
}

fn a_container_reaches_its_gateway(machine: &Machine) {
    // The stand-in for VPP forwards nothing: the kernel answers for it at the end of the veth.
    machine.sh("ip -n dataplane address add 10.234.116.5/24 dev incusbr0-vpp");
    machine.sh(&format!("{CLIENT} set -e {BUILD_IMAGE} incus init bb c1; incus start c1"));
    let lease = machine.until(
        "the container has a lease",
        40,
        &format!("{CLIENT} incus exec c1 -- cat /tmp/lease"),
    );
    assert!(lease.contains("router=10.234.116.5"), "{lease}");
    machine.until(
        "the container pings its gateway",
        20,
        &format!("{CLIENT} incus exec c1 -- ping -c 1 -W 1 10.234.116.5"),
    );
}
