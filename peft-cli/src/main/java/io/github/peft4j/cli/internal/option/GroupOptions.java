package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which weights are trained, and which at a rate of their own. */
public final class GroupOptions {

    @Option(
            names = "--train",
            paramLabel = "PATTERN=RATE",
            description =
                    "A learning rate for the weights that PATTERN names, as target_modules names modules, repeatable;"
                            + " the first that names a weight counts: --train score=1e-3 --train layers.0,embed_tokens=0. A rate"
                            + " of 0 freezes. RATE:DECAY gives them a weight decay too.")
    List<String> rates = new ArrayList<>();

    @Option(
            names = "--layer-decay",
            paramLabel = "X",
            description = "The learning rate gets smaller by this factor with every layer from the head down.")
    @Nullable
    Double layerDecay;

    @Option(
            names = "--lora-plus-ratio",
            paramLabel = "X",
            description =
                    "LoRA+: LoRA's B, and every vector, learns at X times the learning rate; LoRA of embeddings at"
                            + " 1e-6.")
    @Nullable
    Double loraPlusRatio;

    @Option(
            names = "--train-layers",
            paramLabel = "N",
            description = "With --method full: train the last N layers and the head; 0: the head alone.")
    @Nullable
    Integer trainLayers;

    /**
     * Adds these settings to a run's.
     *
     * @throws BadInput if one cannot be read
     * @throws IllegalArgumentException if one is not valid
     */
    public TrainingConfig.Builder addTo(TrainingConfig.Builder run) {
        rates.forEach(text -> run.group(group(text)));
        if (layerDecay != null) {
            run.layerDecay(layerDecay);
        }
        if (loraPlusRatio != null) {
            run.loraPlus(loraPlusRatio);
        }
        if (trainLayers != null) {
            run.lastBlocks(trainLayers);
        }
        return run;
    }

    private static ParameterGroup group(String text) {
        // An expression may hold such signs itself.
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw malformed(text);
        }
        String[] numbers = text.substring(equals + 1).split(":", 2);
        ParameterGroup group =
                ParameterGroup.of(text.substring(0, equals).strip()).at(number(text, numbers[0]));
        return numbers.length == 1 ? group : group.decaying(number(text, numbers[1]));
    }

    private static double number(String text, String number) {
        try {
            return Double.parseDouble(number.strip());
        } catch (NumberFormatException e) {
            throw malformed(text);
        }
    }

    private static BadInput malformed(String text) {
        return new BadInput(
                "--train must be PATTERN=RATE or PATTERN=RATE:DECAY, for example score=1e-3, got \"" + text + "\"");
    }
}
