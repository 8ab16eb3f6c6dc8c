package io.github.peft4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks and prints a table; see {@code benchmarks/kernels}. */
public final class KernelReport {

    private KernelReport() {}

    /**
     * Runs.
     *
     * @param args a folder for the results, then JMH's options
     */
    public static void main(String[] args) throws IOException, RunnerException, CommandLineOptionException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        CommandLineOptions given = new CommandLineOptions(Arrays.copyOfRange(args, 1, args.length));
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(given)
                        .resultFormat(ResultFormatType.JSON)
                        .result(folder.resolve("kernels.json").toString())
                        .jvmArgsAppend("-XX:+UseSerialGC")
                        .build())
                .run();
        String table = table(results);
        Files.writeString(folder.resolve("kernels.md"), table);
        System.out.println("\n" + table);
    }

    /** Shares are of the fastest product of the same format, which the machine has shown that it can do. */
    private static String table(Collection<RunResult> results) {
        Map<String, Double> peaks = new HashMap<>();
        Map<String, String> lines = new TreeMap<>();
        for (RunResult result : results) {
            if (result.getParams().getBenchmark().contains(Products.class.getSimpleName())) {
                peaks.merge(result.getParams().getParam("dtype"), rate(result), Math::max);
            }
        }
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            String[] names = params.getBenchmark().split("\\.", -1);
            String name = names[names.length - 2] + "." + names[names.length - 1];
            String what = params.getParamsKeys().stream()
                    .filter(key -> !key.equals("dtype"))
                    .map(params::getParam)
                    .reduce("", (a, b) -> a.isEmpty() ? b : a + " " + b);
            double rate = rate(result);
            double peak = peaks.getOrDefault(params.getParam("dtype"), 0.0);
            lines.put(
                    name + what + params.getParam("dtype"),
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %.0f | %s | %s |%n",
                            name,
                            what,
                            params.getParam("dtype"),
                            result.getPrimaryResult().getScore(),
                            rate > 0 ? String.format(Locale.ROOT, "%.0f", rate) : "",
                            rate > 0 && peak > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * rate / peak) : ""));
        }
        return "| kernel | sizes | dtype | µs | GFLOP/s | of the fastest product |\n|---|---|---|---|---|---|\n"
                + String.join("", lines.values());
    }

    /** GFLOP/s; zero for what is bound by memory. */
    private static double rate(RunResult result) {
        BenchmarkParams params = result.getParams();
        double operations = 0;
        if (params.getParamsKeys().contains("sizes")) {
            operations = 2
                    * Arrays.stream(Sizes.of(params.getParam("sizes")))
                            .asDoubleStream()
                            .reduce(1, (a, b) -> a * b);
        } else if (params.getParamsKeys().contains("rows")) {
            // Backward has five products where forward has two.
            operations = RowAttention.operations(params.getParam("rows"))
                    * (params.getBenchmark().endsWith("backward") ? 2.5 : 1);
        }
        return operations / result.getPrimaryResult().getScore() / 1e3;
    }
}
