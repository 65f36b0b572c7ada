// A circle on the globe as GeoJSON, for what is not known of a place and for what is hidden around one.
import type { Feature, FeatureCollection } from "geojson";

const EARTH_RADIUS_M = 6_371_008.8;
const CORNERS = 72;

export interface Place {
  lat: number;
  lon: number;
}

export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

/** The circle of so many metres around a place. Its longitudes run on over the date line, and are right near a pole. */
export function circle({ lat, lon }: Place, radius_m: number): Feature {
  const angle = radius_m / EARTH_RADIUS_M;
  const [sinLat, cosLat] = [Math.sin((lat * Math.PI) / 180), Math.cos((lat * Math.PI) / 180)];
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const bearing = (2 * Math.PI * corner) / CORNERS;
    const sinEdge = sinLat * Math.cos(angle) + cosLat * Math.sin(angle) * Math.cos(bearing);
    const across = Math.atan2(Math.sin(bearing) * Math.sin(angle) * cosLat, Math.cos(angle) - sinLat * sinEdge);
    return [lon + (across * 180) / Math.PI, (Math.asin(sinEdge) * 180) / Math.PI];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
