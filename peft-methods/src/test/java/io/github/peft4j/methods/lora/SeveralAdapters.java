package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The adapters of {@code golden/several}, on their base models. */
public final class SeveralAdapters {

    public static final Path ROOT = GoldenTensors.resource(SeveralAdapters.class, "/golden/several");

    private SeveralAdapters() {}

    public static GoldenTensors golden() {
        return GoldenTensors.open(ROOT.resolve("golden.safetensors"));
    }

    public static Model<LanguageHead> base() {
        return new GoldenCase("llama-base").base();
    }

    public static Model<LanguageHead> baseOf(String adapter) {
        return new GoldenCase(adapter.startsWith("gpt2") ? "gpt2-base" : "llama-base").base();
    }

    /** A model with adapters under their own names; the first is active. */
    public static PeftModel<?> on(Model<LanguageHead> model, String... names) throws IOException {
        PeftModel<?> peft = PeftModel.of(model, PeftMethods.discovered());
        peft.load(ROOT.resolve(names[0]), names[0]);
        for (String name : Arrays.asList(names).subList(1, names.length)) {
            peft.load(ROOT.resolve(name), name);
        }
        return peft;
    }

    /** The logits of the first of the shared rows. */
    public static float[] logits(Model<LanguageHead> model) {
        return SharedGolden.logits(model, row(0));
    }

    public static int[] row(int number) {
        List<int[]> rows = new ArrayList<>();
        SharedGolden.rows().forEach(labelled -> rows.addAll(labelled.tokenIds()));
        return rows.get(number % rows.size());
    }

    /** The logits of the shared rows in one batch, one after the other. */
    public static List<float[]> logits(Model<LanguageHead> model, RowSelection selection) {
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < selection.count(); i++) {
            rows.add(row(i));
        }
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(rows).selecting(selection))) {
            float[] all = scope.kernels().toFloats(logits);
            int width = (int) logits.getShape().get(1);
            List<float[]> parts = new ArrayList<>();
            int at = 0;
            for (int[] row : rows) {
                parts.add(Arrays.copyOfRange(all, at * width, (at + row.length) * width));
                at += row.length;
            }
            return parts;
        }
    }

    public static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.textValue()));
        return texts;
    }
}
