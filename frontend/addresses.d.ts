// Files that the build puts beside the scripts: importing one gives its address, relative to the script.
declare module "*?url" {
  const address: string;
  export default address;
}
