//! Real incusd: initialised once, nothing written at a second boot, and every lie of `Created` found and repaired
//! (facts of Incus 6.0.4: preseed's exit code and `Created` prove nothing).

use super::machine::Machine;
use super::router::Router;

const UNIT: &str = "incus-dataplane.service";
const MARKER: &str = "/persistent/data/imp/incus-initialised.json";

/// A bridge with its address, its dnsmasq and its port, in the kernel.
const WHOLE: &str = "ip -4 -o address show dev incusbr0 | grep -q 10.234.116.1/24 && \
    pgrep -f '[d]nsmasq.*--interface=incusbr0' >/dev/null && \
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
    machine.until("Incus is up", 60, "systemctl is-active --quiet incus.service");
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
    assert!(
        first.contains("\"ipv4.dhcp.gateway\": \"10.234.116.5\""),
        "{first}"
    );
    assert!(first.contains("\"ipv4.nat\": \"false\""), "{first}");
    let marker = machine.sh(&format!("cat {MARKER}"));
    assert!(marker.contains("incus-pool"), "{marker}");
    a_container_reaches_its_gateway(&machine);
    machine.power_off();

    let machine = router.boot();
    is_whole(&machine);
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        !journal.contains("set ") && !journal.contains("create "),
        "{journal}"
    );
    let (count, writes) = requests(&machine);
    assert!(
        count <= 5 && writes.is_empty(),
        "{count} requests, writes: {writes}"
    );
    assert_eq!(machine.sh(&format!("cat {MARKER}")), marker);
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    machine.power_off();
}

fn a_container_reaches_its_gateway(machine: &Machine) {
    // The stand-in for VPP forwards nothing: the kernel answers for it at the end of the veth.
    machine.sh("ip -n dataplane address add 10.234.116.5/24 dev incusbr0-vpp");
    machine.sh(&format!(
        "{CLIENT} set -e {BUILD_IMAGE} incus init bb c1; incus start c1"
    ));
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

#[test]
fn what_incus_does_not_notice_is_repaired_by_itself() {
    let Some(router) = Router::with_example("what_incus_does_not_notice_is_repaired_by_itself") else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    for harm in [
        "ip link delete incusbr0",
        "pkill -9 -f '[d]nsmasq.*--interface=incusbr0'",
        "kill -9 $(systemctl show -p MainPID --value incus.service)",
        "systemctl restart incus.service",
        "ip link set incusbr0-dp nomaster",
        "ip link delete incusbr0-dp; systemctl reload netns-move-interfaces.service",
        "systemctl restart vpp-core.service",
    ] {
        machine.sh(harm);
        // Not the state before the harm shows.
        machine.sh("sleep 1");
        eprintln!("after: {harm}");
        is_whole(&machine);
    }
    drift_is_repaired_and_the_operators_keys_stay(&machine);
    machine.power_off();
}

fn drift_is_repaired_and_the_operators_keys_stay(machine: &Machine) {
    machine.sh(&format!(
        "{CLIENT} incus network set incusbr0 ipv4.nat=true dns.domain=lan user.note=mine; \
         incus profile device set default root size=5GiB; \
         incus profile device remove default eth0"
    ));
    machine.sh(&format!("systemctl restart {UNIT}"));
    is_whole(machine);
    let told = told(machine);
    for kept in [
        "\"ipv4.nat\": \"false\"",
        "\"dns.domain\": \"lan\"",
        "\"user.note\": \"mine\"",
        "\"size\": \"5GiB\"",
        "\"network\": \"incusbr0\"",
    ] {
        assert!(told.contains(kept), "{kept} is not in:\n{told}");
    }
}

/// Everything that was made is gone, as before the first boot.
const VIRGIN: &str = "systemctl stop incus-dataplane.service; \
    incus profile device remove default eth0; incus profile device remove default root; \
    incus network delete incusbr0; incus storage delete default; \
    rm -rf /persistent/data/incus-pool /persistent/data/imp/incus-initialised.json; ";

#[test]
fn killed_at_any_point_of_the_initialisation_the_next_run_finishes() {
    let Some(router) =
        Router::with_example("killed_at_any_point_of_the_initialisation_the_next_run_finishes")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    let incusd = "$(systemctl show -p MainPID --value incus.service)";
    for victim in [incusd, "$step"] {
        for delay in ["0.02", "0.08", "0.2", "0.5"] {
            machine.sh(&format!(
                "{CLIENT} {VIRGIN} /usr/lib/imp/imp-incus & step=$!; sleep {delay}; kill -9 {victim}; wait $step; true"
            ));
            eprintln!("killed {victim} after {delay} s");
            machine.sh(&format!("systemctl reset-failed; systemctl restart {UNIT}"));
            is_whole(&machine);
            machine.sh(&format!("test -e {MARKER}"));
            assert!(query(&machine, "/1.0/profiles/default").contains("\"pool\": \"default\""));
        }
    }
    machine.power_off();
}

const HOLDER: &str = "import socket, time\n\
    kinds = [socket.SOCK_DGRAM, socket.SOCK_STREAM]\n\
    held = [socket.socket(socket.AF_INET, kind) for kind in kinds]\n\
    [s.bind((\"0.0.0.0\", 53)) for s in held]\n\
    held[1].listen()\n\
    time.sleep(600)\n";

#[test]
fn a_held_port_53_is_said_and_its_end_is_enough() {
    let Some(router) = Router::with_example("a_held_port_53_is_said_and_its_end_is_enough") else {
        return;
    };
    router.write_image("opt/holder.py", HOLDER);
    router.write_image(
        "etc/systemd/system/holder.service",
        "[Unit]\nBefore=incus.socket incus.service\nDefaultDependencies=no\nAfter=local-fs.target\n\
         [Service]\nExecStart=/usr/bin/python3 /opt/holder.py\n",
    );
    router.write_image(
        "etc/systemd/system/incus.socket.d/holder.conf",
        "[Unit]\nWants=holder.service\n",
    );
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0602") || journal.contains("E0605"),
        "{journal}"
    );
    for unit in [
        "vpp-core-config.service",
        "frr.service",
        "ssh.service",
        "systemd-networkd.service",
    ] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }
    machine.sh("systemctl stop holder.service");
    machine.until(
        "it heals by itself",
        150,
        &format!("systemctl is-active --quiet {UNIT}"),
    );
    is_whole(&machine);
    machine.power_off();
}

#[test]
fn a_wiped_state_with_a_kept_pool_is_said_and_nothing_touched() {
    let Some(router) = Router::with_example("a_wiped_state_with_a_kept_pool_is_said_and_nothing_touched")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.power_off();
    std::fs::remove_dir_all(router.persistent().join("data/incus")).unwrap();
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0604") && journal.contains("incus admin recover"),
        "{journal}"
    );
    assert!(journal.contains("imp.toml:"), "{journal}");
    assert!(!query(&machine, "/1.0/storage-pools").contains("default"));
    assert!(!query(&machine, "/1.0/networks").contains("incusbr0\""));
    assert_eq!(machine.state("vpp-core-config.service"), "active");
    machine.power_off();
}

#[test]
fn what_incus_cannot_do_is_said_with_the_line_of_the_document() {
    let Some(router) = Router::with_example("what_incus_cannot_do_is_said_with_the_line_of_the_document")
    else {
        return;
    };
    std::fs::create_dir_all(router.persistent().join("data/incus-pool/full")).unwrap();
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0602: imp.toml:") && journal.contains("isn't empty"),
        "{journal}"
    );
    machine.sh("rmdir /persistent/data/incus-pool/full; ip link add incusbr0 type bridge");
    machine.try_sh(&format!("systemctl restart {UNIT}"));
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(journal.contains("E0603: imp.toml:"), "{journal}");
    let pools = query(&machine, "/1.0/storage-pools");
    assert!(!pools.contains("default"), "a refusal touches nothing: {pools}");
    machine.sh(&format!(
        "ip link delete incusbr0; systemctl reset-failed; systemctl restart {UNIT}"
    ));
    is_whole(&machine);
    // A daemon that hangs: the deadline, and a unit that names it.
    machine.sh(&format!(
        "kill -STOP $(systemctl show -p MainPID --value incus.service); systemctl restart --no-block {UNIT}"
    ));
    machine.until(
        "the step gives up",
        80,
        &format!("systemctl is-failed --quiet {UNIT}"),
    );
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(journal.contains("E0601: Incus did not answer GET"), "{journal}");
    assert_eq!(machine.state("vpp-core-config.service"), "active");
}
