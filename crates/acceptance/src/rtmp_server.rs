//! A real RTMP server for tests: nginx with its RTMP module, as a source that somebody publishes to
//! and as a target that somebody pulls from; RTMPS beside it, ended by nginx's stream module, and live
//! HLS of what is published.
//!
//! Every server has ports and a folder of its own. It refuses to know what is played or streamed.

use crate::http;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

const READY_WITHIN: Duration = Duration::from_secs(20);
/// Folder of nginx's modules in Debian.
const MODULES: &str = "/usr/lib/nginx/modules";

/// An nginx that takes and gives RTMP (application `live`) and RTMPS; gone when it is dropped.
pub struct RtmpServer {
    child: Child,
    folder: PathBuf,
    plain: SocketAddr,
    secure: SocketAddr,
    status: SocketAddr,
    web: SocketAddr,
}

impl RtmpServer {
    /// Starts one at `ip`, an address of the loopback network.
    ///
    /// # Panics
    /// nginx, its modules or openssl are missing (`scripts/setup.sh test` installs them), or it
    /// does not get ready.
    pub async fn start(ip: &str) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("rotunda-rtmp-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("the temporary folder can be made");
        certificates(&folder, ip);
        let [plain, secure, status, web] = free(ip);
        fs::write(folder.join("nginx.conf"), configuration(&folder, [plain, secure, status, web]))
            .expect("the folder can be written");
        let mut server = Self { child: spawn(&folder), folder, plain, secure, status, web };
        server.get_ready().await;
        server
    }

    /// `rtmp://` address of the stream `name`.
    pub fn url(&self, name: &str) -> String {
        format!("rtmp://{}/live/{name}", self.plain)
    }

    /// `rtmps://` address of the stream `name`; the certificate is for the server's IP address.
    pub fn secure_url(&self, name: &str) -> String {
        format!("rtmps://{}/live/{name}", self.secure)
    }

    /// Address of the stream `name` as live HLS; there once it has been published for some seconds.
    pub fn hls_url(&self, name: &str) -> String {
        format!("http://{}/hls/{name}.m3u8", self.status)
    }

    /// The same through TLS.
    pub fn secure_hls_url(&self, name: &str) -> String {
        format!("https://{}/hls/{name}.m3u8", self.web)
    }

    /// Waits until the stream `name` can be had as live HLS.
    ///
    /// # Panics
    /// It cannot within 20 s.
    pub async fn until_hls(&self, name: &str) {
        let end = Instant::now() + READY_WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(100));
        while http::get(&self.hls_url(name)).await.is_ok_and(|answer| answer.status != 200) {
            look.tick().await;
            assert!(Instant::now() < end, "no HLS of {name}\n{}", self.log());
        }
    }

    /// The authority that signed the server's certificate, PEM.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Publishes `name` with `ffmpeg -re ARGS -f flv`, as a camera or an encoder would.
    ///
    /// # Panics
    /// ffmpeg is missing.
    pub fn publish(&self, name: &str, args: &[&str]) -> Publisher {
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error", "-re"]).args(args).args(["-f", "flv"]);
        let log = fs::File::create(self.folder.join(format!("{name}.log")));
        command.arg(self.url(name)).stdin(Stdio::null()).stderr(log.expect("a file can be made"));
        Publisher(command.spawn().expect("ffmpeg starts"))
    }

    /// Pulls the stream `name` for `length` into the file `path`, without decoding; what ffmpeg
    /// complained of.
    ///
    /// # Panics
    /// ffmpeg is missing.
    pub async fn pull(&self, name: &str, length: Duration, path: &Path) -> String {
        let mut command = tokio::process::Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error", "-y", "-rw_timeout", "10000000"]);
        command.args(["-analyzeduration", "3000000"]);
        command.args(["-i", &self.url(name), "-t", &length.as_secs_f64().to_string()]);
        command.args(["-c", "copy"]).arg(path).kill_on_drop(true);
        let done = command.output().await.expect("ffmpeg runs");
        String::from_utf8_lossy(&done.stderr).into_owned()
    }

    /// Names of the streams that somebody publishes now.
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn published(&self) -> Vec<String> {
        let url = format!("http://{}/stat", self.status);
        let text = http::get(&url).await.expect("the statistics answer").text;
        let streams = text.split("<stream>").skip(1);
        let streams = streams.filter(|stream| stream.contains("<publishing/>"));
        let name =
            |stream: &str| Some(stream.split_once("<name>")?.1.split_once("</name>")?.0.to_owned());
        streams.filter_map(name).collect()
    }

    /// Waits until the stream `name` is published, or is not.
    ///
    /// # Panics
    /// It is not so within 20 s.
    pub async fn until_published(&self, name: &str, is: bool) {
        let end = Instant::now() + READY_WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while self.published().await.iter().any(|known| known == name) != is {
            look.tick().await;
            assert!(Instant::now() < end, "{name} published: {is}\n{}", self.log());
        }
    }

    /// Kills it, and every connection with it.
    ///
    /// # Panics
    /// It cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    /// Starts it again at the same addresses.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_again(&mut self) {
        self.child = spawn(&self.folder);
        self.get_ready().await;
    }

    /// What it complained of.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("error.log")).unwrap_or_default()
    }

    async fn get_ready(&mut self) {
        let end = Instant::now() + READY_WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(10));
        for address in [self.plain, self.secure, self.status, self.web] {
            while TcpStream::connect(address).await.is_err() {
                look.tick().await;
                let ended = self.child.try_wait().expect("a child can be asked");
                assert!(ended.is_none() && Instant::now() < end, "{ended:?}\n{}", self.log());
            }
        }
    }
}

impl Drop for RtmpServer {
    fn drop(&mut self) {
        // All fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- nginx's log, {}\n{}", self.folder.display(), self.log());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// An ffmpeg that publishes; it ends when it is dropped.
pub struct Publisher(Child);

impl Publisher {
    /// Stands still with its connection open (SIGSTOP), or goes on.
    ///
    /// # Panics
    /// It has ended.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &self.0.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "the publisher runs");
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(folder: &Path) -> Child {
    // In Debian only root has it in its PATH.
    let program = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    let log = fs::File::options().create(true).append(true).open(folder.join("error.log"));
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command.arg("-e").arg(folder.join("error.log")).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(log.expect("the log can be made"));
    command.spawn().expect("nginx starts: is it installed?")
}

/// Ports that are free now.
fn free(ip: &str) -> [SocketAddr; 4] {
    let bound = || -> io::Result<_> { TcpListener::bind((ip, 0)) };
    let held = [(); 4].map(|()| bound().expect("the loopback network has free ports"));
    held.map(|listener| listener.local_addr().expect("a listener has an address"))
}

fn configuration(folder: &Path, addresses: [SocketAddr; 4]) -> String {
    let [plain, secure, status, web] = addresses;
    let folder = folder.display();
    format!(
        "load_module {MODULES}/ngx_rtmp_module.so;
load_module {MODULES}/ngx_stream_module.so;
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
rtmp {{
  server {{
    listen {plain};
    chunk_size 4096;
    application live {{
      live on;
      record off;
      hls on;
      hls_path {folder}/hls;
      hls_fragment 1s;
      hls_playlist_length 6s;
      drop_idle_publisher 60s;
    }}
  }}
}}
stream {{
  server {{
    listen {secure} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    proxy_pass {plain};
  }}
}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {status};
    location /stat {{ rtmp_stat all; }}
    location /hls {{ root {folder}; }}
  }}
  server {{
    listen {web} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location /hls {{ root {folder}; }}
  }}
}}
"
    )
}

/// An authority and a certificate that it signed for `ip`.
fn certificates(folder: &Path, ip: &str) {
    let openssl = |args: &[&str]| {
        let done = Command::new("openssl").args(args).current_dir(folder).output();
        let done = done.expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let ca = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2"];
    openssl(&[&["req", "-x509"][..], &key, &ca].concat());
    let request = ["-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=Test RTMP server"];
    openssl(&[&["req"][..], &key, &request].concat());
    let names = format!("subjectAltName=IP:{ip}\nbasicConstraints=CA:FALSE\n");
    fs::write(folder.join("names"), names).expect("the folder can be written");
    let sign = ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"];
    openssl(&[&sign[..], &["-CAcreateserial", "-extfile", "names", "-out", "cert.pem"]].concat());
}
