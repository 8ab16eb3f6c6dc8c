package io.github.peft4j.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.translate.TranslateException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.djl.DjlModel;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A classifier with an adapter behind the JDK's own HTTP server, by predictors of DJL's: {@code POST /classify} takes a text, and gives its
 * labels with their probabilities.
 */
public final class ClassifierInDjl implements AutoCloseable {

    private static final int LONGEST = 64 * 1024;

    private final DjlModel served;
    private final ThreadLocal<Predictor<String, Classifications>> predictors;
    private final ExecutorService threads;
    private final HttpServer server;

    private ClassifierInDjl(DjlModel served, int port, int threads) throws IOException {
        this.served = served;
        var translator = served.classifier();
        this.predictors =
                ThreadLocal.withInitial(() -> served.newPredictor(translator)); // one for each thread, as DJL has it
        this.threads = Executors.newFixedThreadPool(threads);
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(this.threads);
        server.createContext("/classify", this::classify);
        server.start();
    }

    /**
     * Runs the example, until the process ends.
     *
     * @param arguments a checkpoint folder or hub id, an adapter's folder, the labels with commas between them, and perhaps a port
     * @throws IOException if something is wrong with the files, or the port is taken
     */
    public static void main(String[] arguments) throws IOException {
        Model<SequenceHead> base = load(arguments[0], List.of(arguments[2].split(",")));
        PeftModel.load(base, arguments[1]);
        int port = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 8080;
        var classifier = serve(base, port);
        System.out.println("http://localhost:" + classifier.port() + "/classify");
    }

    /** The checkpoint as a classifier, whatever head it has. */
    static Model<SequenceHead> load(String checkpoint, List<String> labels) throws IOException {
        return Models.load(checkpoint, LoadOptions.best().withLabels(labels), SequenceHead.class);
    }

    /** Serves a model, which stays the caller's; port 0 for any that is free. */
    static ClassifierInDjl serve(Model<SequenceHead> model, int port) throws IOException {
        return new ClassifierInDjl(
                DjlModel.of(model), port, Runtime.getRuntime().availableProcessors());
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void classify(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(LONGEST + 1);
            if (!exchange.getRequestMethod().equals("POST")) {
                answer(exchange, 405, "POST a text");
            } else if (body.length > LONGEST) {
                answer(exchange, 413, "a text may have " + LONGEST + " bytes");
            } else {
                classify(exchange, new String(body, StandardCharsets.UTF_8));
            }
        }
    }

    private void classify(HttpExchange exchange, String text) throws IOException {
        try {
            answer(exchange, 200, predictors.get().predict(text).toJson());
        } catch (TranslateException e) {
            // Theirs is too long a text for the model, for example.
            if (e.getCause() instanceof IllegalArgumentException theirs) {
                answer(exchange, 400, String.valueOf(theirs.getMessage()));
            } else {
                answer(exchange, 500, "the model failed");
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(1);
        threads.shutdown();
        served.close(); // and with it the arrays of its predictors
    }
}
