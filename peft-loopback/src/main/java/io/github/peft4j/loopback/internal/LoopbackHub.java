package io.github.peft4j.loopback.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A hub on this computer. It answers at {@code http://127.0.0.1:PORT} as Hugging Face and ModelScope do, sends for large files to another host
 * ({@code http://localhost:PORT}), goes wrong where it is told to, and remembers every request. Safe for concurrent requests; repositories are set up before.
 *
 * <pre>{@code
 * try (LoopbackHub hub = LoopbackHub.start()) {
 *     hub.model("owner/name").file("config.json", "{}").large("model.safetensors", bytes);
 *     ... HF_ENDPOINT = hub.endpoint()
 * }
 * }</pre>
 */
public final class LoopbackHub implements AutoCloseable {

    /** A request as it arrived. */
    public record Seen(String host, String method, String path, Map<String, List<String>> headers, byte[] body) {

        /** The first value of a header, or null. */
        public @Nullable String header(String name) {
            return headers.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                    .map(entry -> entry.getValue().get(0))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public String toString() {
            return method + " http://" + host + path;
        }
    }

    /** Answers requests of a kind of its own: what a test needs beyond downloads. */
    @FunctionalInterface
    public interface Route {

        /** The answer, or null if it has none. */
        @Nullable
        Answer answer(Seen request) throws IOException;
    }

    private record Planned(Pattern paths, Fault fault) {}

    private final HttpServer hub;
    private final HttpServer store;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "loopback-hub");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Repository> models = new LinkedHashMap<>();
    private final Map<String, Repository> datasets = new LinkedHashMap<>();
    private final List<Route> routes = new CopyOnWriteArrayList<>();
    private final List<Route> storeRoutes = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final List<Planned> faults = new ArrayList<>();

    static {
        // Otherwise the JDK's server answers a connection's second request 40 ms late.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private LoopbackHub() throws IOException {
        hub = server("127.0.0.1", this::answer);
        store = server("localhost", request -> first(storeRoutes, request));
        storeRoutes.add(this::stored);
        routes.add(new HuggingFaceRoutes(models, "", this::storeAddress));
        routes.add(new HuggingFaceRoutes(datasets, "datasets/", this::storeAddress));
        routes.add(new ModelScopeRoutes(models, "models", this::storeAddress));
        routes.add(new ModelScopeRoutes(datasets, "datasets", this::storeAddress));
    }

    private HttpServer server(String host, Route route) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), 0), 0);
        server.createContext("/", exchange -> serve(exchange, route));
        server.setExecutor(threads);
        server.start();
        return server;
    }

    /** Begins to answer. */
    public static LoopbackHub start() {
        try {
            return new LoopbackHub();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its address. */
    public String endpoint() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    /** The other host's address. */
    public String storeAddress() {
        return "http://localhost:" + store.getAddress().getPort();
    }

    /** A model's repository, new if there was none. */
    public Repository model(String id) {
        return models.computeIfAbsent(id, Repository::new);
    }

    /** A data set's repository, new if there was none. */
    public Repository dataset(String id) {
        return datasets.computeIfAbsent(id, Repository::new);
    }

    /** Answers requests before all others do. */
    public void route(Route route) {
        routes.add(0, route);
    }

    /** Answers requests to the other host before it does itself. */
    public void storeRoute(Route route) {
        storeRoutes.add(0, route);
    }

    /** Makes the next answers to paths of a kind go wrong, one fault each, in this order; a path is that of a request with its query. */
    public synchronized void fault(String paths, Fault... next) {
        for (Fault fault : next) {
            faults.add(new Planned(Pattern.compile(paths), fault));
        }
    }

    /** All requests so far. */
    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** Forgets what was asked so far. */
    public void forget() {
        seen.clear();
    }

    private synchronized @Nullable Fault faultFor(String path) {
        for (Planned planned : faults) {
            if (planned.paths().matcher(path).find()) {
                faults.remove(planned);
                return planned.fault();
            }
        }
        return null;
    }

    private void serve(HttpExchange exchange, Route route) throws IOException {
        Seen request = new Seen(
                String.valueOf(exchange.getRequestHeaders().getFirst("Host")),
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                Map.copyOf(exchange.getRequestHeaders()),
                exchange.getRequestBody().readAllBytes());
        seen.add(request);
        @Nullable Fault fault = faultFor(request.path());
        if (fault != null && fault.status() != 0) {
            new Answer(fault.status(), fault.headers(), new byte[0]).send(exchange, null, closed);
        } else {
            @Nullable Answer answer = route.answer(request);
            (answer == null ? Answer.problem(404, "EntryNotFound", "Not found") : answer).send(exchange, fault, closed);
        }
        exchange.close();
    }

    private @Nullable Answer answer(Seen request) throws IOException {
        return first(routes, request);
    }

    private static @Nullable Answer first(List<Route> routes, Seen request) throws IOException {
        for (Route route : routes) {
            @Nullable Answer answer = route.answer(request);
            if (answer != null) {
                return answer;
            }
        }
        return null;
    }

    /** The other host has files by hash, and asks for no token but a signature. */
    private @Nullable Answer stored(Seen request) {
        String path = request.path().replaceFirst("\\?.*", "");
        if (!request.path().contains("?signature=")) {
            return new Answer(403, Map.of(), new byte[0]);
        }
        for (Map<String, Repository> each : List.of(models, datasets)) {
            for (Repository repository : each.values()) {
                for (HostedFile file : repository.files().values()) {
                    if (path.equals("/" + file.sha256())) {
                        return new Answer(200, Map.of("ETag", "\"" + file.sha256() + "\""), file.content());
                    }
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        closed.countDown();
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
