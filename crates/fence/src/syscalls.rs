//! System calls that no child of ours needs and an intruder would: they fail with `EPERM`.

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};
use std::collections::BTreeMap;

/// Whatever their arguments are: other processes, other namespaces, the kernel itself, and ways
/// around this filter.
const FORBIDDEN: [i64; 33] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_listen,
    libc::SYS_bind,
    libc::SYS_setrlimit,
    libc::SYS_reboot,
];

/// Forbids them from here on, and every socket but, if it `connects`, one for TCP over IPv4, whose ports
/// Landlock keeps; nothing that is started may have more rights than this process (`no_new_privs`).
pub(crate) fn forbid(connects: bool) -> Result<(), Error> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_socket, if connects { sockets()? } else { Vec::new() });
    let target = std::env::consts::ARCH.try_into()?;
    let refusal = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refusal, target)?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter(&program)
}

fn sockets() -> Result<Vec<SeccompRule>, Error> {
    let argument = |number, op, value: libc::c_int| {
        let condition = SeccompCondition::new(number, SeccompCmpArgLen::Dword, op, value as u64)?;
        Ok::<_, Error>(SeccompRule::new(vec![condition])?)
    };
    let mut rules = vec![argument(0, SeccompCmpOp::Ne, libc::AF_INET)?];
    for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_RDM, libc::SOCK_SEQPACKET] {
        rules.push(argument(1, SeccompCmpOp::MaskedEq(0xf), kind)?);
    }
    Ok(rules)
}
